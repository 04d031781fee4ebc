import { broadcastTo, compile, State, tensor, type Tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
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
