// Which tile is used depends on the engine, or is measured: with each, every element of a product is computed.
import { conv, matmul, tensor, useBackend } from "@stria/core";
import { describe, expect, it, test } from "vitest";
import { cpu, CpuBackend } from "../src/backend.ts";
import { engineFeatures } from "../src/engine.ts";
import { plainTile, type Tile, tileOf } from "../src/kernels/tile.ts";
import { Pool } from "../src/pool/pool.ts";
import { candidates, fastest } from "../src/tune.ts";

const integers = (count: number, bound: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => ((index * 7) % bound) - 3);

// More columns than are packed at a time (512), and no whole number of such blocks for tiles of 8 columns or of 12.
const [rows, depth, columns, images] = [5, 3, 1901, 4];

describe.each(candidates(engineFeatures().relaxedMultiplyAdd))("%o", (tile) => {
  it.each([1, 2])("multiplies all columns on %i threads", async (threads) => {
    const backend = new CpuBackend(await Pool.start({ threads, shared: true, worker: false }), tile);
    const [left, right] = [integers(rows * depth, 11), integers(images * depth * columns, 13)];
    const of = (image: number, row: number, column: number): number => {
      let sum = 0;
      for (let k = 0; k < depth; k++)
        sum += (left[row * depth + k] ?? 0) * (right[(image * depth + k) * columns + column] ?? 0);
      return sum;
    };
    const expected = (count: number): Float32Array =>
      Float32Array.from({ length: count * rows * columns }, (_, place) =>
        of(Math.floor(place / (rows * columns)), Math.floor(place / columns) % rows, place % columns),
      );
    const a = await tensor(left, { shape: [rows, depth] }).to(backend);
    const b = await tensor(right.slice(0, depth * columns), { shape: [depth, columns] }).to(backend);
    expect(await matmul(a, b).data()).toEqual(expected(1));
    const x = await tensor(right, { shape: [images, depth, columns] }).to(backend);
    const weight = await tensor(left, { shape: [rows, depth, 1] }).to(backend);
    expect(await conv(x, weight).data()).toEqual(expected(images));
    backend.dispose();
  });
});

test("of two tiles the fused one is taken, unless the other is faster by far", () => {
  const tiles = (plain: number, fused: number): { tile: Tile; best: number }[] => [
    { tile: plainTile, best: plain },
    { tile: { ...plainTile, fused: true }, best: fused },
  ];
  expect(fastest(tiles(1, 1.2)).fused).toBe(true);
  expect(fastest(tiles(1, 1.3)).fused).toBe(false);
  expect(fastest(tiles(1, 0.5)).fused).toBe(true);
});

test("an engine without fused multiply-add, one that moves loads, and one that leaves them get the tiles that were fastest there", () => {
  const engine = { simd: true, threads: true };
  expect(tileOf({ ...engine, relaxedMultiplyAdd: false, memory64: false })).toEqual(plainTile); // Node 20
  expect(tileOf({ ...engine, relaxedMultiplyAdd: true, memory64: false })).toEqual({ ...plainTile, fused: true }); // Node 22
  expect(tileOf({ ...engine, relaxedMultiplyAdd: true, memory64: true })).toMatchObject({ rows: 6, vectors: 2 }); // Node 24
});

test("a backend that measures its tile computes", async () => {
  await useBackend(cpu({ threads: 1, tune: true }));
  expect(await matmul(tensor([[1, 2]]), tensor([[3], [4]])).data()).toEqual(Float32Array.of(11));
});
