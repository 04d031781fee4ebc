// The weight gradient over channels-last values, against sums in double precision.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFeatures } from "../../src/engine.ts";
import { plainTile, type Tile } from "../../src/kernels/tile.ts";
import type { Pool } from "../../src/pool/pool.ts";
import { addWeightGradientLast } from "../../src/program/channels-last/weight-gradient.ts";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import { candidates } from "../../src/tune.ts";
import { startPool } from "../run-program.ts";
import { drawer, drawGeometry, type Draw } from "./geometry.ts";
import { faultOfWeightGradient } from "./weight-gradients.ts";

let pools: readonly Pool[] = [];
beforeAll(async () => {
  pools = await Promise.all([1, 3].map(startPool));
});
afterAll(() => pools.forEach((pool) => pool.dispose()));

function fault(draw: Draw, g: ConvolutionGeometry, tile: Tile, margin = 0): Promise<string | undefined> {
  return faultOfWeightGradient(
    pools,
    draw,
    g,
    (builder, geometry, buffers) => addWeightGradientLast(builder, tile, geometry, buffers),
    margin,
  );
}

function randomGeometry(draw: Draw): ConvolutionGeometry {
  const groups = draw(3) === 0 ? 1 + draw(4) : 1;
  return drawGeometry(draw, { axes: 1 + draw(3), groups, depth: 1 + draw(20), columns: 1 + draw(20) });
}

describe.each(candidates(engineFeatures().relaxedMultiplyAdd))("%o", (tile) => {
  it("sums over all pixels for any shape and attributes", async () => {
    const draw = drawer(tile.rows * 10 + tile.vectors);
    for (let turn = 0; turn < 25; turn++) expect(await fault(draw, randomGeometry(draw), tile)).toBeUndefined();
  });
});

function square(
  batch: number,
  [channels, outputs]: readonly [number, number],
  size: number,
  kernel: number,
  groups = 1,
): ConvolutionGeometry {
  return {
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
  };
}

const line = { kernel: [5], stride: [1], dilation: [1], before: [1] };

describe("one tile", () => {
  const tile: Tile = { ...plainTile, rows: 6 };

  it("takes slices of wider values", async () => {
    const draw = drawer(5);
    for (let turn = 0; turn < 20; turn++)
      expect(await fault(draw, randomGeometry(draw), tile, 1 + draw(5))).toBeUndefined();
  });

  it.each<[string, ConvolutionGeometry]>([
    ["an image of several blocks", square(2, [9, 10], 20, 3)],
    ["many channels", square(2, [70, 50], 9, 3)],
    ["pixels far apart", square(1, [260, 140], 3, 2)],
    ["lines that are cut", { ...square(2, [5, 7], 1, 1), ...line, input: [1000], places: [998] }],
    [
      "lines that are cut, with padding",
      { ...square(1, [2, 8], 1, 1), input: [900], places: [451], kernel: [8], stride: [2], dilation: [1], before: [4] },
    ],
    ["several images in a block, the last with fewer", square(11, [6, 5], 5, 3)],
    ["a kernel without padding and stride", square(3, [13, 11], 20, 1)],
    ["few channels in many groups", square(1, [24, 24], 12, 3, 6)],
    ["a group for each channel", square(2, [7, 14], 9, 3, 7)],
    ["a first layer", { ...square(2, [3, 9], 30, 7), places: [15, 15], stride: [2, 2] }],
    ["windows that lie in the padding", { ...square(2, [3, 4], 2, 1), places: [9, 9], before: [3, 4] }],
  ])("is right for %s", async (_, g) => {
    expect(await fault(drawer(9), g, tile)).toBeUndefined();
  });

  it.each([{ batch: 0 }, { places: [0, 4] }])("is zero where nothing is summed: %o", async (change) => {
    expect(await fault(drawer(3), { ...square(2, [3, 4], 4, 3), ...change }, tile)).toBeUndefined();
  });
});
