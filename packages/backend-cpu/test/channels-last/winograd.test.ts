// Winograd's convolutions against their definition in float64: shapes, borders, tails of channels, epilogues, slices, threads and rounding.
import { at } from "@stria/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFeatures } from "../../src/engine.ts";
import { f2x3, f4x3, type WinogradMatrices } from "../../src/kernels/channels-last/winograd-matrices.ts";
import { plainTile, type Tile } from "../../src/kernels/tile.ts";
import type { Pool } from "../../src/pool/pool.ts";
import {
  addWinogradConvolution,
  addWinogradInputGradient,
  winogradSuits,
} from "../../src/program/channels-last/winograd.ts";
import { addWinogradWeightGradient } from "../../src/program/channels-last/winograd-weight-gradient.ts";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import type { Operand } from "../../src/program/product.ts";
import { ProgramBuilder, type BufferId } from "../../src/program/steps.ts";
import { candidates } from "../../src/tune.ts";
import { elements, largestError, squareGeometry, type Padding } from "../support/winograd.ts";
import { directConvolution as forward, directInputGradient as inputGradient, directWeightGradient } from "./direct.ts";
import { Random } from "../support/random.ts";
import { prepareProgram, startPool } from "../run-program.ts";

const tiles = candidates(engineFeatures().relaxedMultiplyAdd);
const fastest = tiles.find((tile) => tile.fused) ?? plainTile;
const algorithms: readonly (readonly [string, WinogradMatrices])[] = [
  ["F(4x4, 3x3)", f4x3],
  ["F(2x2, 3x3)", f2x3],
];

const pools = new Map<number, Pool>();
beforeAll(async () => {
  for (const threads of [1, 3]) pools.set(threads, await startPool(threads));
});
afterAll(() => {
  for (const pool of pools.values()) pool.dispose();
});

interface Steps {
  readonly builder: ProgramBuilder;
  input(data: Float32Array): Operand;
}

/** Runs the steps that `make` adds, and returns the content of the buffer that it names. */
async function run(threads: number, make: (steps: Steps) => BufferId): Promise<Float32Array> {
  const pool = pools.get(threads);
  if (!pool) throw new RangeError(`no pool of ${threads} threads`);
  const builder = new ProgramBuilder(threads);
  const result = make({ builder, input: (data) => ({ buffer: builder.constant(data), offset: 0 }) });
  const program = prepareProgram(pool, builder);
  try {
    program.run();
    expect(await program.damaged()).toEqual([]);
    return await program.read(result);
  } finally {
    program.dispose();
  }
}

const random = new Random(3);
const array = (length: number): Float32Array => new Float32Array(length).map(() => 2 * random.next() - 1);
const whole = (bound: number): number => random.integer(0, bound - 1);
/** Box and Muller's. */
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

function convolve(
  g: ConvolutionGeometry,
  x: Float32Array,
  weight: Float32Array,
  matrices: WinogradMatrices,
  { tile = fastest, threads = 1 }: { tile?: Tile; threads?: number } = {},
): Promise<Float32Array> {
  return run(threads, ({ builder, input }) => {
    const y = builder.local(elements(g).y * 4);
    const buffers = { x: input(x), weight: input(weight), y: { buffer: y, offset: 0 }, bias: undefined };
    addWinogradConvolution(builder, tile, g, buffers, { relu: false }, matrices);
    return y;
  });
}

function propagate(
  g: ConvolutionGeometry,
  dy: Float32Array,
  weight: Float32Array,
  matrices: WinogradMatrices,
  { tile = fastest, threads = 1 }: { tile?: Tile; threads?: number } = {},
): Promise<Float32Array> {
  return run(threads, ({ builder, input }) => {
    const dx = builder.local(elements(g).x * 4);
    const buffers = { dy: input(dy), weight: input(weight), dx: { buffer: dx, offset: 0 }, bias: undefined };
    addWinogradInputGradient(builder, tile, g, buffers, { relu: false }, matrices);
    return dx;
  });
}

function gradient(
  g: ConvolutionGeometry,
  x: Float32Array,
  dy: Float32Array,
  { tile = fastest, threads = 1 }: { tile?: Tile; threads?: number } = {},
): Promise<Float32Array> {
  return run(threads, ({ builder, input }) => {
    const dw = builder.local(elements(g).weight * 4);
    const buffers = { x: input(x), dy: input(dy), dw: { buffer: dw, offset: 0 } };
    addWinogradWeightGradient(builder, tile, g, buffers);
    return dw;
  });
}

/** Odd shapes: sizes that leave part of a tile over, channels that leave part of a vector over, padding on some sides only. */
const shapes: ConvolutionGeometry[] = [
  squareGeometry(1, 1, 1, [1, 1]),
  squareGeometry(1, 3, 2, [3, 3], [0, 0, 0, 0]),
  squareGeometry(2, 4, 8, [7, 7]),
  squareGeometry(1, 33, 9, [14, 5], [2, 0, 0, 1]),
  squareGeometry(1, 5, 6, [2, 9], [5, 4, 3, 6]),
  squareGeometry(7, 16, 17, [9, 10]),
  ...Array.from({ length: 12 }, () => {
    const padding: Padding = [whole(3), whole(3), whole(3), whole(3)];
    return squareGeometry(1 + whole(3), 1 + whole(21), 1 + whole(21), [3 + whole(12), 3 + whole(12)], padding);
  }),
];

describe.each(algorithms)("%s", (_, matrices) => {
  it.each(shapes)(
    "convolves $batch images of $channels channels, $input: $outputs outputs, $before before",
    async (g) => {
      const [x, weight] = [array(elements(g).x), array(elements(g).weight)];
      expect(largestError(await convolve(g, x, weight, matrices), forward(g, x, weight))).toBeLessThan(2e-5);
    },
  );

  it.each(shapes)(
    "gives the gradient of $batch x $channels x $input by $outputs outputs, $before before",
    async (g) => {
      const [dy, weight] = [array(elements(g).y), array(elements(g).weight)];
      expect(largestError(await propagate(g, dy, weight, matrices), inputGradient(g, dy, weight))).toBeLessThan(2e-5);
    },
  );

  it.each(tiles)("runs on %o", async (tile) => {
    const g = squareGeometry(2, 13, 30, [11, 6]);
    const [x, weight] = [array(elements(g).x), array(elements(g).weight)];
    expect(largestError(await convolve(g, x, weight, matrices, { tile }), forward(g, x, weight))).toBeLessThan(2e-5);
  });

  it.each([
    ["many tiles", squareGeometry(2, 20, 24, [40, 37])],
    ["few tiles and many outputs", squareGeometry(1, 10, 200, [5, 5])],
    ["many tiles, and channels that leave part of a vector over", squareGeometry(3, 30, 29, [37, 38])],
  ])("is right, and the same bits on three threads: %s", async (_name, g) => {
    const [x, dy, weight] = [array(elements(g).x), array(elements(g).y), array(elements(g).weight)];
    const [y, dx] = [await convolve(g, x, weight, matrices), await propagate(g, dy, weight, matrices)];
    expect(largestError(y, forward(g, x, weight))).toBeLessThan(2e-5);
    expect(largestError(dx, inputGradient(g, dy, weight))).toBeLessThan(2e-5);
    expect(await convolve(g, x, weight, matrices, { threads: 3 })).toEqual(y);
    expect(await propagate(g, dy, weight, matrices, { threads: 3 })).toEqual(dx);
  });

  it.each([
    [true, true, true, 1.5],
    [true, false, false, undefined],
    [false, true, false, 0.25],
    [false, false, true, undefined],
  ])("ends with bias %s, residual %s, rectifier %s, bound %s", async (withBias, withResidual, relu, most) => {
    const g = squareGeometry(2, 6, 11, [6, 5]);
    const { x: reads, weight: taps, y: writes } = elements(g);
    const [x, weight, bias, residual] = [array(reads), array(taps), array(11 + 3), array(writes)];
    const found = await run(1, ({ builder, input }) => {
      const y = builder.local(writes * 4);
      const buffers = {
        x: input(x),
        weight: input(weight),
        y: { buffer: y, offset: 0 },
        bias: withBias ? { ...input(bias), offset: 3 } : undefined,
      };
      const epilogue = { relu, most, ...(withResidual ? { residual: input(residual) } : {}) };
      addWinogradConvolution(builder, fastest, g, buffers, epilogue, matrices);
      return y;
    });
    const wanted = forward(g, x, weight).map((value, index) => {
      const sum = value + (withBias ? at(bias, 3 + (index % 11)) : 0) + (withResidual ? at(residual, index) : 0);
      return Math.min(relu ? Math.max(0, sum) : sum, most ?? Infinity);
    });
    expect(largestError(found, wanted)).toBeLessThan(2e-5);
  });

  it("reads and writes slices of wider images, and nothing beside them", async () => {
    const g = squareGeometry(2, 6, 7, [6, 9]);
    const { x: reads, weight: taps, y: writes } = elements(g);
    const [xPitch, yPitch, residualPitch] = [11, 10, 9];
    const [x, weight] = [array((reads / 6) * xPitch), array(taps)];
    const [yLength, residual] = [(writes / 7) * yPitch, array((writes / 7) * residualPitch)];
    const found = await run(1, ({ builder, input }) => {
      const y = builder.local(yLength * 4);
      const buffers = {
        x: { ...input(x), offset: 5, pitch: xPitch },
        weight: input(weight),
        y: { buffer: y, offset: 2, pitch: yPitch },
        bias: undefined,
      };
      const epilogue = { relu: false, residual: { ...input(residual), offset: 1, pitch: residualPitch } };
      addWinogradConvolution(builder, fastest, g, buffers, epilogue, matrices);
      return y;
    });
    const pick = (from: Float32Array, channels: number, pitch: number, offset: number): Float32Array =>
      new Float32Array((from.length / pitch) * channels).map((__, index) =>
        at(from, Math.floor(index / channels) * pitch + offset + (index % channels)),
      );
    const wanted = forward(g, pick(x, 6, xPitch, 5), weight).map(
      (value, index) => value + at(pick(residual, 7, residualPitch, 1), index),
    );
    expect(largestError(pick(found, 7, yPitch, 2), wanted)).toBeLessThan(2e-5);
    for (const other of [0, 1, 9]) expect(new Set(pick(found, 1, yPitch, other))).toEqual(new Set([NaN])); // what the memory was filled with
  });

  // The bound that the README states. Rectified inputs, weights as He draws them: what errors there are grow with the number of channels.
  it.each([64, 512])("is right to 1e-4 of the root mean square with %i channels", async (channels) => {
    const g = squareGeometry(1, channels, 24, [8, 8]);
    const x = new Float32Array(elements(g).x).map(() => Math.max(0, normal()));
    const weight = new Float32Array(elements(g).weight).map(() => normal() * Math.sqrt(2 / (9 * channels)));
    expect(largestError(await convolve(g, x, weight, matrices), forward(g, x, weight))).toBeLessThan(1e-4);
    const back = squareGeometry(1, 24, channels, [8, 8]);
    const dy = new Float32Array(elements(back).y).map(normal);
    const backWeight = new Float32Array(elements(back).weight).map(() => normal() * Math.sqrt(2 / (9 * channels)));
    const found = await propagate(back, dy, backWeight, matrices);
    expect(largestError(found, inputGradient(back, dy, backWeight))).toBeLessThan(1e-4);
  });
});

describe("F(3x3, 4x4)", () => {
  it.each(shapes)(
    "gives the weight's gradient: $batch x $channels x $input, $outputs outputs, $before before",
    async (g) => {
      const [x, dy] = [array(elements(g).x), array(elements(g).y)];
      expect(largestError(await gradient(g, x, dy), directWeightGradient(g, x, dy).dw)).toBeLessThan(2e-5);
    },
  );

  it.each(tiles)("runs on %o", async (tile) => {
    const g = squareGeometry(2, 13, 30, [11, 6]);
    const [x, dy] = [array(elements(g).x), array(elements(g).y)];
    expect(largestError(await gradient(g, x, dy, { tile }), directWeightGradient(g, x, dy).dw)).toBeLessThan(2e-5);
  });

  it.each([
    ["several blocks of channels and outputs, all tiles at once", squareGeometry(1, 140, 133, [6, 5])],
    ["several blocks of tiles", squareGeometry(2, 20, 24, [40, 37])],
    ["more tiles than are summed in a row", squareGeometry(9, 3, 5, [45, 50])],
  ])("is right, and the same bits on three threads: %s", async (_name, g) => {
    const [x, dy] = [array(elements(g).x), array(elements(g).y)];
    const one = await gradient(g, x, dy);
    expect(largestError(one, directWeightGradient(g, x, dy).dw)).toBeLessThan(2e-5);
    expect(await gradient(g, x, dy, { threads: 3 })).toEqual(one);
  });

  it("reads slices of wider images", async () => {
    const g = squareGeometry(2, 6, 7, [6, 9]);
    const wide = array((elements(g).x / 6) * 15); // x and dy are parts of one concatenation
    const part = (channels: number, offset: number): Float32Array =>
      new Float32Array((wide.length / 15) * channels).map((__, index) =>
        at(wide, Math.floor(index / channels) * 15 + offset + (index % channels)),
      );
    const found = await run(1, ({ builder, input }) => {
      const dw = builder.local(elements(g).weight * 4);
      const images = input(wide);
      const [x, dy] = [
        { ...images, offset: 8, pitch: 15 },
        { ...images, offset: 1, pitch: 15 },
      ];
      addWinogradWeightGradient(builder, fastest, g, { x, dy, dw: { buffer: dw, offset: 0 } });
      return dw;
    });
    expect(largestError(found, directWeightGradient(g, part(6, 8), part(7, 1)).dw)).toBeLessThan(2e-5);
  });

  it.each([64, 512])("is right to 1e-4 of the root mean square with %i channels", async (channels) => {
    const g = squareGeometry(2, channels, 24, [8, 8]);
    const x = new Float32Array(elements(g).x).map(() => Math.max(0, normal()));
    const dy = new Float32Array(elements(g).y).map(normal);
    expect(largestError(await gradient(g, x, dy), directWeightGradient(g, x, dy).dw)).toBeLessThan(1e-4);
  });
});

describe("the weights", () => {
  const kernels = (keepsPreparation: boolean, size: number, channels = 64): string[] => {
    const builder = new ProgramBuilder(1);
    builder.keepsPreparation = keepsPreparation;
    const g = squareGeometry(1, channels, channels, [size, size]);
    const local = (): Operand => ({ buffer: builder.local(64), offset: 0 });
    addWinogradConvolution(
      builder,
      plainTile,
      g,
      { x: local(), weight: local(), y: local(), bias: undefined },
      { relu: false },
    );
    return builder.steps.map(({ kernel }) => kernel.key.split(/ \d/)[0] ?? "");
  };

  it("are transformed with what few tiles need, unless that stays for the next run, and beforehand for many tiles", () => {
    expect(kernels(false, 8)).toEqual(["winograd"]);
    expect(kernels(true, 8)).toEqual(["winograd weight", "winograd"]);
    expect(kernels(false, 56)).toEqual(["winograd weight", "winograd"]);
  });

  it("are transformed again where they would stay beyond the caches, unless they are so many that it takes longer", () => {
    expect(kernels(true, 14, 128)).toEqual(["winograd weight", "winograd"]);
    expect(kernels(true, 14, 256)).toEqual(["winograd"]);
    expect(kernels(true, 14, 512)).toEqual(["winograd weight", "winograd"]);
  });
});

describe("the choice", () => {
  it("takes what Winograd's algorithm computes, and what pays", () => {
    const g = squareGeometry(1, 64, 64, [56, 56]);
    expect(winogradSuits(g)).toBe(true);
    expect(winogradSuits(g, "input gradient")).toBe(true);
    expect(winogradSuits(g, "weight gradient")).toBe(true);
    expect(winogradSuits(squareGeometry(1, 1, 8, [28, 28]), "weight gradient")).toBe(false);
    expect(winogradSuits(squareGeometry(1, 1, 8, [28, 28]))).toBe(false);
    // So few tiles that the weights' transform would not be repaid; twelve outputs, and images that F(4x4) overhangs, are.
    expect(winogradSuits(squareGeometry(1, 64, 64, [2, 2]))).toBe(false);
    expect(winogradSuits(squareGeometry(1, 64, 64, [2, 2]), "weight gradient")).toBe(false);
    for (const pass of ["forward", "input gradient", "weight gradient"] as const)
      for (const [channels, outputs, size] of [
        [24, 12, 32],
        [256, 256, 14],
        [16, 16, 32],
      ] as const)
        expect(winogradSuits(squareGeometry(8, channels, outputs, [size, size]), pass)).toBe(true);
    const others: Partial<ConvolutionGeometry>[] = [
      { stride: [2, 2] },
      { dilation: [1, 2] },
      { groups: 2 },
      { kernel: [3, 1] },
      {
        kernel: [3, 3, 3],
        input: [8, 8, 8],
        places: [8, 8, 8],
        stride: [1, 1, 1],
        dilation: [1, 1, 1],
        before: [1, 1, 1],
      },
      { batch: 0 },
      { channels: 0 },
    ];
    for (const other of others) expect(winogradSuits({ ...g, ...other })).toBe(false);
  });
});
