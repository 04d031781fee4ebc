// Depthwise convolution and its gradients over channels-last values, against the definition in double precision.
import { at, sizeOf } from "@stria/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineFeatures } from "../../src/engine.ts";
import { plainTile, type Tile } from "../../src/kernels/tile.ts";
import type { Pool } from "../../src/pool/pool.ts";
import {
  addDepthwiseConvolution,
  addDepthwiseInputGradient,
  addDepthwiseWeightGradient,
  depthwiseSuits,
} from "../../src/program/channels-last/depthwise.ts";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import { ProgramBuilder } from "../../src/program/steps.ts";
import { prepareProgram, startPool } from "../run-program.ts";
import { directConvolution, directInputGradient } from "./direct.ts";
import { drawer, drawGeometry, drawNumbers, type Draw } from "./geometry.ts";
import { narrowed, sliceOf, widened } from "./pixel-slices.ts";
import { faultOfWeightGradient } from "./weight-gradients.ts";

let pools: readonly Pool[] = [];
beforeAll(async () => {
  pools = await Promise.all([1, 3].map(startPool));
});
afterAll(() => pools.forEach((pool) => pool.dispose()));

const tiles: readonly Tile[] = [plainTile, { ...plainTile, fused: engineFeatures().relaxedMultiplyAdd }];

interface Extras {
  readonly bias: boolean;
  readonly relu: boolean;
  readonly residual: boolean;
  /** Channels around the slices that are read and written. */
  readonly margin: number;
}

/** What is wrong with one side computed from the other, if anything. */
async function fault(
  draw: Draw,
  tile: Tile,
  g: ConvolutionGeometry,
  forward: boolean,
  extras: Extras,
): Promise<string | undefined> {
  const { margin, relu } = extras;
  const most = relu && extras.bias ? 1.25 : undefined;
  const [from, to] = forward ? [g.channels, g.outputs] : [g.outputs, g.channels];
  const [inputs, outputs] = forward ? [g.input, g.places] : [g.places, g.input];
  const source = drawNumbers(draw, g.batch * sizeOf(inputs) * from);
  const weight = drawNumbers(draw, g.outputs * sizeOf(g.kernel));
  const bias = drawNumbers(draw, to);
  const residual = drawNumbers(draw, g.batch * sizeOf(outputs) * to);
  const answers: Float32Array[] = [];
  for (const pool of pools) {
    const builder = new ProgramBuilder(pool.threads);
    const input = sliceOf(builder.constant(widened(source, from, margin)), from, margin);
    const result = builder.local((residual.length / to) * (to + 2 * margin) * 4);
    const operands = {
      weight: { buffer: builder.constant(weight), offset: 0 },
      bias: extras.bias ? { buffer: builder.constant(bias), offset: 0 } : undefined,
    };
    const epilogue = {
      relu,
      most,
      ...(extras.residual ? { residual: sliceOf(builder.constant(widened(residual, to, 2)), to, 2) } : {}),
    };
    const output = sliceOf(result, to, margin);
    if (forward) addDepthwiseConvolution(builder, tile, g, { ...operands, x: input, y: output }, epilogue);
    else addDepthwiseInputGradient(builder, tile, g, { ...operands, dy: input, dx: output }, epilogue);
    const program = prepareProgram(pool, builder);
    program.run();
    answers.push(narrowed(await program.read(result), to, margin));
    const damaged = await program.damaged();
    program.dispose();
    if (damaged.length > 0) return `memory around ${damaged.join()} was written for ${JSON.stringify(g)}`;
  }
  const sums = (forward ? directConvolution : directInputGradient)(g, source, weight);
  // Products of numbers below 3 add up in as many roundings, each of half a unit in the last place of a sum of some ten at most.
  const bound = 2 ** -20 * (2 + sizeOf(g.kernel) * (g.outputs / g.channels));
  for (const [index, sum] of sums.entries()) {
    const plain = sum + (extras.bias ? at(bias, index % to) : 0) + (extras.residual ? at(residual, index) : 0);
    const want = Math.min(relu ? Math.max(0, plain) : plain, most ?? Infinity);
    const got = answers.map((answer) => answer[index] ?? NaN);
    const [first = NaN] = got;
    if (!(Math.abs(first - want) <= bound))
      return `element ${index} is ${first} instead of ${want} for ${JSON.stringify(g)}`;
    if (got.some((value) => !Object.is(value, first))) return `element ${index} differs with threads`;
  }
  return undefined;
}

const counts = [1, 2, 3, 4, 5, 7, 8, 12, 17, 33];

function randomGeometry(draw: Draw): ConvolutionGeometry {
  const columns = draw(3) === 0 ? 1 + draw(4) : 1;
  return drawGeometry(draw, { axes: 1 + draw(3), groups: at(counts, draw(counts.length)), depth: 1, columns });
}

describe.each(tiles)("%o", (tile) => {
  it.each([
    ["forward", true],
    ["input gradient", false],
  ])("%s is right for any shape and attributes", async (_, forward) => {
    const draw = drawer(forward ? 1 : 2);
    for (let turn = 0; turn < 150; turn++) {
      const extras = {
        bias: draw(2) === 0,
        relu: draw(2) === 0,
        residual: draw(3) === 0,
        margin: draw(3) === 0 ? 1 + draw(3) : 0,
      };
      expect(await fault(draw, tile, randomGeometry(draw), forward, extras)).toBeUndefined();
    }
  });

  it("weight gradient is right for any shape and attributes", async () => {
    const draw = drawer(3);
    for (let turn = 0; turn < 150; turn++) {
      const margin = draw(3) === 0 ? 1 + draw(3) : 0;
      const g = randomGeometry(draw);
      const wrong = await faultOfWeightGradient(
        pools,
        draw,
        g,
        (builder, geometry, buffers) => addDepthwiseWeightGradient(builder, tile, geometry, buffers),
        margin,
      );
      expect(wrong).toBeUndefined();
    }
  });
});

it("suits depthwise convolutions", () => {
  const g = { ...drawGeometry(drawer(4), { axes: 2, groups: 6, depth: 1, columns: 2 }), batch: 1 };
  expect(depthwiseSuits(g)).toBe(true);
  expect(depthwiseSuits({ ...g, groups: 3 })).toBe(false);
  expect(depthwiseSuits({ ...g, outputs: 48 })).toBe(false);
  expect(depthwiseSuits({ ...g, channels: 1, groups: 1 })).toBe(false);
  expect(depthwiseSuits({ ...g, batch: 0 })).toBe(false);
  const long = { input: [400], places: [400], kernel: [201], stride: [1], dilation: [1], before: [100] };
  expect(depthwiseSuits({ ...g, ...long })).toBe(false);
});
