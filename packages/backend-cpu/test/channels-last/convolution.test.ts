// Channels-last convolution and its gradient by the input against the definition, for every kind of window, tile, epilogue and slice of channels.
import { at, sizeOf } from "@stria/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFeatures } from "../../src/engine.ts";
import { plainTile, type Tile } from "../../src/kernels/tile.ts";
import type { Pool } from "../../src/pool/pool.ts";
import { addConvolutionLast } from "../../src/program/channels-last/convolution.ts";
import { addInputGradientLast } from "../../src/program/channels-last/input-gradient.ts";
import type { PixelOperand } from "../../src/program/channels-last/pixels.ts";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import { ProgramBuilder } from "../../src/program/steps.ts";
import { candidates } from "../../src/tune.ts";
import { prepareProgram, startPool } from "../run-program.ts";
import { directConvolution, directInputGradient } from "./direct.ts";
import { drawer, drawGeometry, drawNumbers, type Draw } from "./geometry.ts";

const pools = new Map<number, Pool>();
beforeAll(async () => {
  for (const threads of [1, 3]) pools.set(threads, await startPool(threads));
});
afterAll(() => pools.forEach((pool) => pool.dispose()));

const pass = { forward: directConvolution, "input gradient": directInputGradient };
type Pass = keyof typeof pass;

interface Extras {
  readonly bias: boolean;
  readonly relu: boolean;
  readonly residual: boolean;
  /** Channels around the slice that is read and written. */
  readonly margin: number;
}

/** Rectified sums that have a bias are held below this. */
function mostOf({ relu, bias }: Extras): number | undefined {
  return relu && bias ? 1.25 : undefined;
}

interface Problem {
  readonly g: ConvolutionGeometry;
  readonly pass: Pass;
  readonly extras: Extras;
  readonly source: Float32Array;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly residual: Float32Array;
}

function problemOf(draw: Draw, name: Pass, g: ConvolutionGeometry, extras: Extras): Problem {
  const [inputs, outputs] = [g.batch * sizeOf(g.input) * g.channels, g.batch * sizeOf(g.places) * g.outputs];
  const forward = name === "forward";
  return {
    g,
    pass: name,
    extras,
    source: drawNumbers(draw, forward ? inputs : outputs),
    weight: drawNumbers(draw, (g.outputs * g.channels * sizeOf(g.kernel)) / g.groups),
    bias: drawNumbers(draw, forward ? g.outputs : g.channels),
    residual: drawNumbers(draw, forward ? outputs : inputs),
  };
}

/** Pixels with `margin` channels of NaN around them. */
function inSlice(values: Float32Array, channels: number, margin: number): Float32Array {
  const pitch = channels + 2 * margin;
  const wide = new Float32Array((values.length / channels) * pitch).fill(NaN);
  values.forEach((value, index) => {
    wide[Math.floor(index / channels) * pitch + margin + (index % channels)] = value;
  });
  return wide;
}

async function computed(tile: Tile, threads: number, problem: Problem): Promise<Float32Array> {
  const { g, extras } = problem;
  const { margin } = extras;
  const forward = problem.pass === "forward";
  const [from, to] = forward ? [g.channels, g.outputs] : [g.outputs, g.channels];
  const pool = pools.get(threads);
  if (!pool) throw new Error("no pool");
  const builder = new ProgramBuilder(threads);
  const pixels = (buffer: number, channels: number): PixelOperand =>
    margin > 0 ? { buffer, offset: margin, pitch: channels + 2 * margin } : { buffer, offset: 0 };
  const source = pixels(builder.constant(inSlice(problem.source, from, margin)), from);
  const count = problem.residual.length;
  const result = builder.local((count / to) * (to + 2 * margin) * 4);
  const target = pixels(result, to);
  const weight = { buffer: builder.constant(problem.weight), offset: 0 };
  const bias = extras.bias ? { buffer: builder.constant(problem.bias), offset: 0 } : undefined;
  const asideToo = margin === 2; // else the residual is dense, whatever the result is
  const residual = !extras.residual
    ? undefined
    : asideToo
      ? pixels(builder.constant(inSlice(problem.residual, to, margin)), to)
      : { buffer: builder.constant(problem.residual), offset: 0 };
  const epilogue = { relu: extras.relu, most: mostOf(extras), ...(residual ? { residual } : {}) };
  if (forward) addConvolutionLast(builder, tile, g, { x: source, weight, y: target, bias }, epilogue);
  else addInputGradientLast(builder, tile, g, { dy: source, weight, dx: target, bias }, epilogue);
  const program = prepareProgram(pool, builder);
  program.run();
  const wide = await program.read(result);
  expect(await program.damaged()).toEqual([]);
  program.dispose();
  const pitch = to + 2 * margin;
  wide.forEach((value, index) => {
    const channel = (index % pitch) - margin;
    if ((channel < 0 || channel >= to) && !Number.isNaN(value)) throw new Error(`wrote beside the slice, at ${index}`);
  });
  return wide.filter((_, index) => index % pitch >= margin && index % pitch < margin + to);
}

function expected({ g, extras, ...problem }: Problem): Float64Array {
  const sums = pass[problem.pass](g, problem.source, problem.weight);
  const channels = problem.pass === "forward" ? g.outputs : g.channels;
  return sums.map((sum, index) => {
    const value =
      sum +
      (extras.bias ? at(problem.bias, index % channels) : 0) +
      (extras.residual ? at(problem.residual, index) : 0);
    return Math.min(extras.relu ? Math.max(0, value) : value, mostOf(extras) ?? Infinity);
  });
}

/**
 * K products of numbers of variance 1 add up in K roundings, each of a sum of about the root of K: 2^-24 K / 2 as root mean square, in the worst of many
 * thousand elements five times that, and twice where the products are rounded too.
 */
function tolerance({ g, pass: name }: Problem): number {
  const depth = (name === "forward" ? g.channels : g.outputs) / g.groups;
  return 2 ** -22 * (2 + depth * sizeOf(g.kernel));
}

/** What is wrong with the answer to a problem, if anything. */
async function faultsOf(tile: Tile, problem: Problem): Promise<string[]> {
  const faults: string[] = [];
  const truth = expected(problem);
  const once = await computed(tile, 1, problem);
  const bound = tolerance(problem);
  truth.forEach((value, index) => {
    const found = once[index] ?? NaN;
    if (!(Math.abs(value - found) <= bound)) faults.push(`${found} at ${index} where ${value} is right`);
  });
  const bits = new Int32Array(once.buffer);
  const thrice = new Int32Array((await computed(tile, 3, problem)).buffer);
  if (thrice.some((word, index) => word !== bits[index])) faults.push("other bits on three threads");
  return faults.slice(0, 3).map((fault) => `${fault}: ${JSON.stringify(problem.g)}`);
}

const bare: Extras = { bias: false, relu: false, residual: false, margin: 0 };
const passes: readonly Pass[] = ["forward", "input gradient"];
const tiles = [
  plainTile,
  ...candidates(engineFeatures().relaxedMultiplyAdd).filter((tile) => tile.broadcast === "load"),
];

const channelCounts = [1, 2, 3, 4, 5, 7, 8, 11, 12, 16, 25, 33];

describe.each(passes)("%s", (name) => {
  it.each([1, 2, 3])("is right for windows of %i axes", async (axes) => {
    const draw = drawer(axes);
    for (let turn = 0; turn < 60; turn++) {
      const depth = at(channelCounts, draw(channelCounts.length));
      const columns = at(channelCounts, draw(channelCounts.length));
      const groups = draw(3) === 0 ? 1 + draw(4) : 1;
      const extras = {
        bias: draw(2) === 0,
        relu: draw(2) === 0,
        residual: draw(2) === 0,
        margin: draw(3) === 0 ? 1 + draw(3) : 0,
      };
      const g = drawGeometry(draw, { axes, groups, depth, columns });
      expect(await faultsOf(at(tiles, draw(tiles.length)), problemOf(draw, name, g, extras))).toEqual([]);
    }
  });

  it.each(tiles)("is right with tile %o", async (tile) => {
    const draw = drawer(7);
    for (const columns of [3, 8, 12, 20])
      for (const depth of [3, 18]) {
        const g = { ...drawGeometry(draw, { axes: 2, groups: 1, depth, columns }), batch: 2 };
        expect(
          await faultsOf(tile, problemOf(draw, name, g, { bias: true, relu: true, residual: true, margin: 0 })),
        ).toEqual([]);
      }
  });

  it("finds the pixels of kernels of one element in order", async () => {
    const draw = drawer(3);
    for (const columns of [5, 16])
      for (const places of [[1], [7, 5], [300]]) {
        const one = places.map(() => 1);
        const none = places.map(() => 0);
        const g = { batch: 3, channels: 13, outputs: columns, groups: 1, input: places, places };
        const window = { kernel: one, stride: one, dilation: one, before: none };
        expect(await faultsOf(plainTile, problemOf(draw, name, { ...g, ...window }, bare))).toEqual([]);
      }
  });

  it("divides what is too large for one unit", async () => {
    const draw = drawer(5);
    const size = { batch: 2, channels: 24, outputs: 40, groups: 1, input: [20, 31], places: [20, 31] };
    const window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], before: [1, 1] };
    for (const tile of [plainTile, tiles.at(-1) ?? plainTile])
      expect(await faultsOf(tile, problemOf(draw, name, { ...size, ...window }, bare))).toEqual([]);
  });

  it("takes one place of many images after another where much is outside", async () => {
    const draw = drawer(11);
    for (let turn = 0; turn < 40; turn++) {
      const extras = { bias: draw(2) === 0, relu: draw(2) === 0, residual: draw(2) === 0, margin: draw(3) };
      const groups = 1 + draw(2);
      const sizes = { axes: 1 + draw(2), groups, depth: 1 + draw(9), columns: 1 + draw(13) };
      const g = { ...drawGeometry(draw, sizes), batch: 8 + draw(20) };
      expect(await faultsOf(at(tiles, draw(tiles.length)), problemOf(draw, name, g, extras))).toEqual([]);
    }
  });

  it("does nothing for an empty batch", async () => {
    const draw = drawer(9);
    const g = { ...drawGeometry(draw, { axes: 2, groups: 1, depth: 4, columns: 4 }), batch: 0 };
    expect(await faultsOf(plainTile, problemOf(draw, name, g, bare))).toEqual([]);
  });
});

it("gives NaN and infinity only to what sees them", async () => {
  const g: ConvolutionGeometry = {
    batch: 1,
    channels: 1,
    outputs: 1,
    groups: 1,
    input: [9],
    places: [9],
    kernel: [3],
    stride: [1],
    dilation: [1],
    before: [1],
  };
  const problem = problemOf(drawer(1), "forward", g, bare);
  problem.source.set([NaN], 0);
  problem.source.set([Infinity], 8);
  const result = await computed(plainTile, 1, problem);
  expect([...result].map((value) => Number.isFinite(value))).toEqual([
    false,
    false,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});
