import {
  at,
  BackendError,
  broadcastTo,
  checkpoint,
  compile,
  type DeviceBuffer,
  grad,
  reshape,
  State,
  tanh,
  type Tensor,
  tensor,
  useBackend,
} from "@stria/core";
import { expect, test } from "vitest";
import { CpuBackend } from "../src/backend.ts";
import { cpu } from "../src/index.ts";
import { Arena, blockBytes } from "../src/memory/arena.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { atOnce } from "../src/pieces.ts";
import { planMemory } from "../src/program/encode.ts";
import { lower } from "../src/program/lower.ts";
import { ProgramBuilder } from "../src/program/steps.ts";
import { LocalMemory } from "../src/memory/local-memory.ts";
import { FreeList } from "../src/memory/free-list.ts";
import { Pool, type PoolOptions } from "../src/pool/pool.ts";
import { specOf } from "./support/agree.ts";
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

test("a step that can work in place takes the memory of what nobody needs any more", () => {
  const bytes = 4096;
  /** The place of each buffer, and all bytes, of a chain of steps that read the one before; `inPlace` says which pairs a step offers. */
  const planned = (
    chain: readonly { readonly reads: readonly number[]; readonly write: number; readonly inPlace?: number }[],
    sizes: Readonly<Record<number, number>> = {},
  ): { offsets: readonly number[]; bytes: number } => {
    const builder = new ProgramBuilder(1);
    for (let id = 0; id < 5; id++) builder.local(sizes[id] ?? bytes);
    for (const { reads, write, inPlace } of [{ reads: [], write: 0, inPlace: undefined }, ...chain])
      builder.step({
        kernel: { key: "", emit: () => {} },
        arguments: [],
        units: 1,
        cost: 1,
        reads,
        writes: [write],
        ...(inPlace === undefined ? {} : { inPlace: [[inPlace, write] as const] }),
      });
    return planMemory(builder, new Set([4]));
  };
  const straight = planned([
    { reads: [0], write: 1, inPlace: 0 },
    { reads: [1], write: 2, inPlace: 1 },
    { reads: [2], write: 4 },
  ]);
  expect(new Set(straight.offsets.slice(0, 3)).size).toBe(1);
  expect(straight.bytes).toBe(blockBytes(bytes));
  // What is read once more stays, and so does what is of another size.
  const read = planned([
    { reads: [0], write: 1, inPlace: 0 },
    { reads: [0, 1], write: 4 },
  ]);
  expect(read.offsets[1]).not.toBe(read.offsets[0]);
  const shorter = planned(
    [
      { reads: [0], write: 1, inPlace: 0 },
      { reads: [1], write: 4 },
    ],
    { 1: 1024 },
  );
  expect(shorter.bytes).toBe(blockBytes(bytes) + blockBytes(1024));
  // Nobody else gets memory that was taken over while its new owner lives.
  const shared = planned([
    { reads: [0], write: 1, inPlace: 0 },
    { reads: [], write: 2 },
    { reads: [1, 2], write: 4 },
  ]);
  expect(shared.offsets[2]).not.toBe(shared.offsets[1]);
  expect(shared.bytes).toBe(2 * blockBytes(bytes));
});

test("what does not fit changes nothing: there is room for less afterwards", () => {
  const memory = new LocalMemory(false, 4);
  const arena = new Arena(1024, (end) => memory.grow(end));
  const first = arena.allocate(100_000);
  for (let turn = 0; turn < 3; turn++) expect(() => arena.allocate(200_000)).toThrow(/out of memory.*smaller batch/s);
  const second = arena.allocate(100_000);
  expect(memory.memory.buffer.byteLength).toBe(4 * 65536);
  arena.free(first);
  expect(() => arena.allocate(200_000)).toThrow("out of memory");
  arena.free(second);
  expect(arena.allocate(200_000)).toBe(first);
});

test("a run for which there is no memory leaves everything as it was", async () => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const cell = new State([4], () => new Float32Array(4));
  const step = compile((x: Tensor) => {
    cell.set(cell.value.add(1));
    return broadcastTo(x, [2 ** 30]);
  });
  await expect(step(tensor(1)).data()).rejects.toThrow("out of memory");
  expect(backend.memory().buffers).toBe(1);
  expect(await cell.value.data()).toEqual(new Float32Array(4)); // the step took nothing over
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
    const { builder, results } = atOnce(
      lower(of.graph(x), { tile: plainTile, threads: 1, layout: "row-major", algorithms: "all" }),
    );
    return planMemory(builder, new Set(results)).bytes;
  };
  expect(bytes(saved)).toBeLessThan(bytes(plain) / 3);
  expect(await saved(x).data()).toEqual(await plain(x).data());
});

const pages = 64;
const quarter = { shape: [pages * 4096], dtype: "float32" } as const; // of all the memory

const value = { aval: quarter, data: new Float32Array(pages * 4096).fill(1) };

const places: [string, PoolOptions][] = [
  ["the caller", { threads: 1, shared: false, worker: false, maximumPages: pages }],
  ["the caller and a worker", { threads: 2, shared: true, worker: false, maximumPages: pages }],
  ["two workers", { threads: 2, shared: true, worker: true, maximumPages: pages }],
];
const figures =
  /out of memory: .* were asked for while .* are live in \d+ blocks, and the limit is the .* that this machine gave\. Remedy: free/;

test.each(places)("%s: memory that runs out is an error with figures, and less fits afterwards", async (_, options) => {
  const backend = new CpuBackend(await Pool.start(options), plainTile);
  const node = specOf("add", [value, value], {});
  const double = (x: DeviceBuffer): DeviceBuffer => at(backend.execute(node, [x, x]), 0);
  const [one, more] = [backend.upload(value.data, quarter), backend.upload(value.data, quarter)];
  const two = double(one);
  expect(() => double(two)).toThrow(BackendError);
  expect(() => double(two)).toThrow(figures);
  expect(() => double(two)).toThrow("1 MiB were asked for while 3.0 MiB are live");
  expect((await backend.download(two))[7]).toBe(2);
  backend.free(more);
  const four = double(two);
  expect((await backend.download(four))[7]).toBe(4);
  for (const buffer of [one, two, four]) backend.free(buffer);
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  backend.dispose();
});

// The thread that keeps the book hears late that the memory of the worker has not grown.
test("one worker that owns the memory: memory that runs out fails what lies there and what needs it", async () => {
  const pool = await Pool.start({ threads: 1, shared: false, worker: true, maximumPages: pages });
  const backend = new CpuBackend(pool, plainTile);
  const node = specOf("add", [value, value], {});
  const add = (x: DeviceBuffer, y: DeviceBuffer): DeviceBuffer => at(backend.execute(node, [x, y]), 0);
  const [one, more] = [backend.upload(value.data, quarter), backend.upload(value.data, quarter)];
  const two = add(one, one);
  const lost = add(two, two);
  backend.free(more);
  const needsLost = add(lost, one); // there is room for it, but not for what it needs
  const uploaded = backend.upload(value.data, quarter);
  for (const buffer of [lost, needsLost, uploaded]) {
    await expect(backend.download(buffer)).rejects.toThrow(figures);
    await expect(backend.download(buffer)).rejects.toThrow(BackendError);
  }
  expect((await backend.download(two))[7]).toBe(2);
  for (const buffer of [lost, needsLost, uploaded]) backend.free(buffer);
  const four = add(two, two);
  expect((await backend.download(four))[7]).toBe(4);
  expect(() => add(four, four)).toThrow(figures); // now it knows
  for (const buffer of [one, two, four]) backend.free(buffer);
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  backend.dispose();
});
