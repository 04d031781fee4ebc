// Which tile is used depends on the engine, or is measured: with each, every element of a product is computed.
import { compile, conv, flip, matmul, tensor, type Tensor, transpose, useBackend } from "@stria/core";
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

// So many rows that columns are packed: several panels of neighbours at a time, alone what is left of them and what lies apart.
describe.each(candidates(engineFeatures().relaxedMultiplyAdd))("many rows, %o", (tile) => {
  const [many, deep, wide] = [61, 18, 75];
  const product = (a: (row: number, k: number) => number, b: (k: number, column: number) => number): Float32Array =>
    Float32Array.from({ length: many * wide }, (_, place) => {
      let sum = 0;
      for (let k = 0; k < deep; k++) sum += a(Math.floor(place / wide), k) * b(k, place % wide);
      return sum;
    });
  const [left, right] = [integers(many * deep, 11), integers(deep * wide, 13)];
  const element = (row: number, k: number): number => left[row * deep + k] ?? 0;

  it.each([
    ["side by side", (b: Tensor) => b, (k: number, column: number) => k * wide + column],
    [
      "transposed",
      (b: Tensor) => transpose(b.reshape([wide, deep]), [1, 0]),
      (k: number, column: number) => column * deep + k,
    ],
    ["backwards", (b: Tensor) => flip(b, [1]), (k: number, column: number) => k * wide + wide - 1 - column],
  ] as const)("multiplies columns that lie %s", async (_, view, place) => {
    const backend = new CpuBackend(await Pool.start({ threads: 1, shared: true, worker: false }), tile);
    const a = await tensor(left, { shape: [many, deep] }).to(backend);
    const b = await tensor(right, { shape: [deep, wide] }).to(backend);
    const run = compile((x: Tensor, y: Tensor) => matmul(x, view(y)));
    expect(await run(a, b).data()).toEqual(product(element, (k, column) => right[place(k, column)] ?? 0));
    backend.dispose();
  });

  it("multiplies the patches of a picture, whose rows end inside of a panel", async () => {
    const backend = new CpuBackend(await Pool.start({ threads: 1, shared: true, worker: false }), tile, "row-major");
    // 2 channels, 3 x 3, no padding: 5 rows of 15 places, and 18 steps.
    const picture = integers(2 * 7 * 17, 13);
    const x = await tensor(picture, { shape: [1, 2, 7, 17] }).to(backend);
    const weight = await tensor(left, { shape: [many, 2, 3, 3] }).to(backend);
    const pixel = (k: number, column: number): number =>
      picture[
        (Math.floor(k / 9) * 7 + (Math.floor(k / 3) % 3) + Math.floor(column / 15)) * 17 + (k % 3) + (column % 15)
      ] ?? 0;
    expect(await conv(x, weight).data()).toEqual(product(element, pixel));
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
