import {
  broadcastTo,
  checkpoint,
  compile,
  grad,
  reshape,
  State,
  tanh,
  tensor,
  type Tensor,
  useBackend,
} from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { planMemory } from "../src/program/encode.ts";
import { lower } from "../src/program/lower.ts";
import { FreeList } from "../src/memory/free-list.ts";
import { Random } from "./support/random.ts";

test("parts never overlap, and all come back", () => {
  const random = new Random(5);
  const list = new FreeList(1024);
  const taken: { start: number; size: number }[] = [];
  let overlaps = 0;
  for (let turn = 0; turn < 3000; turn++) {
    if (taken.length > 0 && random.chance(turn < 2000 ? 0.45 : 0.7)) {
      const [part] = taken.splice(random.integer(0, taken.length - 1), 1);
      if (part) list.free(part.start);
    } else {
      const size = random.integer(1, 50) * 64;
      const start = list.allocate(size);
      overlaps += taken.filter((other) => start < other.start + other.size && other.start < start + size).length;
      taken.push({ start, size });
    }
  }
  expect(overlaps).toBe(0);
  const { end } = list;
  for (const { start } of taken) list.free(start);
  expect(list.used).toBe(0);
  // Everything has merged: the whole range can be taken as one.
  expect(list.allocate(end - 1024)).toBe(1024);
  expect(() => list.free(7)).toThrow("nothing is taken at 7");
});

test("what does not fit changes nothing: there is room for less afterwards", () => {
  const arena = new Arena(new WebAssembly.Memory({ initial: 1, maximum: 4 }), 1024);
  const first = arena.allocate(100_000);
  for (let turn = 0; turn < 3; turn++) expect(() => arena.allocate(200_000)).toThrow(/out of memory.*smaller batch/s);
  const second = arena.allocate(100_000);
  expect(arena.memory.buffer.byteLength).toBe(4 * 65536);
  arena.free(first);
  expect(() => arena.allocate(200_000)).toThrow("out of memory");
  arena.free(second);
  expect(arena.allocate(200_000)).toBe(first);
});

test("a run for which there is no memory leaves nothing behind", async () => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const cell = new State([4], () => new Float32Array(4));
  const step = compile((x: Tensor) => {
    cell.set(cell.value.add(1));
    return broadcastTo(x, [2 ** 30]);
  });
  await expect(step(tensor(1)).data()).rejects.toThrow("out of memory");
  await expect(cell.value.data()).rejects.toThrow("reload the checkpoint");
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
});

test("a checkpointed chain takes a fraction of the memory, and gives the same gradient", async () => {
  await useBackend(cpu({ threads: 1, deterministic: true }));
  const w = tensor(Float32Array.from({ length: 64 }, (_, i) => ((i % 11) - 5) / 8)).reshape([8, 8]);
  const x = reshape(tensor(Float32Array.from({ length: 8192 }, (_, i) => Math.sin(i))), [1024, 8]);
  const block = (y: Tensor): Tensor =>
    Array.from({ length: 8 }).reduce<Tensor>((z) => tanh(tanh(z.matmul(w)).add(z)), y);
  const step = (wrap: (f: typeof block) => typeof block): ReturnType<typeof compile<[Tensor], Tensor>> =>
    compile(
      grad((y: Tensor) =>
        Array.from({ length: 8 })
          .reduce<Tensor>((z) => wrap(block)(z), y)
          .sum(),
      ),
    );
  const [plain, saved] = [step((f) => f), step(checkpoint)];
  const bytes = (of: typeof plain): number => {
    const { builder, results } = lower(of.graph(x), plainTile, 1);
    return planMemory(builder, new Set(results)).bytes;
  };
  expect(bytes(saved)).toBeLessThan(bytes(plain) / 3);
  expect(await saved(x).data()).toEqual(await plain(x).data());
});
