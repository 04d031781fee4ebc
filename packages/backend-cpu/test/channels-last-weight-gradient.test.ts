// The weight gradient over channels-last values, against sums in double precision.
import { sizeOf } from "@stria/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFeatures } from "../src/engine.ts";
import { plainTile, type Tile } from "../src/kernels/tile.ts";
import { Pool } from "../src/pool/pool.ts";
import type { PixelOperand } from "../src/program/channels-last/weight-gradient-tables.ts";
import { addWeightGradientLast } from "../src/program/channels-last/weight-gradient.ts";
import type { ConvolutionGeometry } from "../src/program/convolution.ts";
import { candidates } from "../src/tune.ts";
import { randomConvolution, weightGradient } from "./support/convolutions.ts";
import { Random } from "./support/random.ts";
import { runSteps } from "./support/steps.ts";

let pools: readonly Pool[] = [];

beforeAll(async () => {
  pools = await Promise.all([1, 3].map((threads) => Pool.start({ threads, shared: true, worker: false })));
});

afterAll(() => {
  for (const pool of pools) pool.dispose();
});

const floats = (random: Random, length: number): Float32Array =>
  Float32Array.from({ length }, () => 2 * random.next() - 1);

/** A wider value that holds another one as a slice of its channels, surrounded by what must not be used. */
function widened(data: Float32Array, channels: number, pitch: number, offset: number): Float32Array {
  const wide = new Float32Array((data.length / channels) * pitch).fill(NaN);
  for (const [index, value] of data.entries())
    wide[Math.floor(index / channels) * pitch + offset + (index % channels)] = value;
  return wide;
}

/** The first wrong element in words, or undefined. */
async function fault(
  random: Random,
  g: ConvolutionGeometry,
  tile: Tile,
  wider: { readonly x: number; readonly dy: number } = { x: 0, dy: 0 },
): Promise<string | undefined> {
  const x = floats(random, g.batch * sizeOf(g.input) * g.channels);
  const dy = floats(random, g.batch * sizeOf(g.places) * g.outputs);
  const place = (buffer: number, channels: number, more: number): PixelOperand => ({
    buffer,
    offset: Math.floor(more / 2),
    pitch: channels + more,
  });
  const size = (g.outputs * g.channels * sizeOf(g.kernel)) / g.groups;
  const answers: Float32Array[] = [];
  for (const pool of pools) {
    const wide = [
      widened(x, g.channels, g.channels + wider.x, Math.floor(wider.x / 2)),
      widened(dy, g.outputs, g.outputs + wider.dy, Math.floor(wider.dy / 2)),
    ];
    const { results } = await runSteps(pool, wide, [size], (builder, [input = 0, output = 0], [dw = 0]) =>
      addWeightGradientLast(builder, tile, g, {
        x: wider.x > 0 ? place(input, g.channels, wider.x) : input,
        dy: wider.dy > 0 ? place(output, g.outputs, wider.dy) : output,
        dw,
      }),
    );
    answers.push(...results);
  }
  const [alone = new Float32Array(), threaded = new Float32Array()] = answers;
  const { value, bound } = weightGradient(g, x, dy);
  for (const [index, want] of value.entries()) {
    const got = alone[index] ?? NaN;
    // Sums of n float32 terms in any order are off by n halves of a unit in the last place of the absolute sum at most; 64 are far more than chance makes.
    if (!(Math.abs(got - want) <= (bound[index] ?? 0) * 64 * 2 ** -24))
      return `element ${index} is ${got} instead of ${want} for ${JSON.stringify(g)}`;
    if (!Object.is(got, threaded[index])) return `element ${index} differs with threads for ${JSON.stringify(g)}`;
  }
  return undefined;
}

describe.each(candidates(engineFeatures().relaxedMultiplyAdd))("%o", (tile) => {
  it("sums over all pixels for any shape and attributes", async () => {
    const random = new Random(tile.rows * 10 + tile.vectors);
    for (let round = 0; round < 25; round++)
      expect(await fault(random, randomConvolution(random), tile)).toBeUndefined();
  });
});

const plane = (
  batch: number,
  channels: number,
  outputs: number,
  size: number,
  kernel: number,
  groups = 1,
): ConvolutionGeometry => ({
  batch,
  channels,
  outputs,
  groups,
  input: [size, size],
  places: [size, size],
  kernel: [kernel, kernel],
  stride: [1, 1],
  dilation: [1, 1],
  before: [Math.floor((kernel - 1) / 2), Math.floor(kernel / 2)],
});

describe("one tile", () => {
  const tile: Tile = { ...plainTile, rows: 6 };

  it("takes slices of wider values", async () => {
    const random = new Random(5);
    for (let round = 0; round < 20; round++) {
      const wider = { x: random.integer(1, 9), dy: random.integer(1, 9) };
      expect(await fault(random, randomConvolution(random), tile, wider)).toBeUndefined();
    }
  });

  it.each([
    ["an image of several blocks", plane(2, 9, 10, 33, 3)],
    [
      "lines that are cut",
      { ...plane(2, 5, 7, 1, 1), input: [1000], places: [998], kernel: [5], stride: [1], dilation: [1], before: [1] },
    ],
    [
      "lines that are cut, with padding",
      { ...plane(1, 2, 8, 1, 1), input: [900], places: [451], kernel: [8], stride: [2], dilation: [1], before: [4] },
    ],
    ["several images in a block, the last with fewer", plane(11, 6, 5, 5, 3)],
    ["a kernel without padding and stride", plane(3, 13, 11, 20, 1)],
    ["few channels in many groups", plane(1, 24, 24, 12, 3, 6)],
    ["a group for each channel", plane(2, 7, 14, 9, 3, 7)],
    ["a first layer", { ...plane(2, 3, 9, 30, 7), places: [15, 15], stride: [2, 2] }],
    ["windows that lie in the padding", { ...plane(2, 3, 4, 2, 1), places: [9, 9], before: [3, 4] }],
  ])("is right for %s", async (_, g) => {
    expect(await fault(new Random(9), g, tile)).toBeUndefined();
  });

  it.each([{ batch: 0 }, { places: [0, 4] }])("is zero where nothing is summed: %o", async (change) => {
    expect(await fault(new Random(3), { ...plane(2, 3, 4, 4, 3), ...change }, tile)).toBeUndefined();
  });
});
