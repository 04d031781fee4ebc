// Runs steps that compute a weight gradient, on several pools, and says what is wrong with the answer.
import { at, sizeOf } from "@stria/core";
import { ProgramBuilder } from "../../src/program/steps.ts";
import type { Pool } from "../../src/pool/pool.ts";
import type { PixelOperand } from "../../src/program/channels-last/pixels.ts";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import { prepareProgram } from "../run-program.ts";
import { directWeightGradient } from "./direct.ts";
import { drawNumbers, type Draw } from "./geometry.ts";
import { sliceOf, widened } from "./pixel-slices.ts";

export type AddWeightGradient = (
  builder: ProgramBuilder,
  g: ConvolutionGeometry,
  buffers: { readonly x: PixelOperand; readonly dy: PixelOperand; readonly dw: number },
) => void;

/** The first wrong element in words, or undefined. `margin`: channels around the slices that are read. */
export async function faultOfWeightGradient(
  pools: readonly Pool[],
  draw: Draw,
  g: ConvolutionGeometry,
  add: AddWeightGradient,
  margin: number,
): Promise<string | undefined> {
  const x = drawNumbers(draw, g.batch * sizeOf(g.input) * g.channels);
  const dy = drawNumbers(draw, g.batch * sizeOf(g.places) * g.outputs);
  const size = (g.outputs * g.channels * sizeOf(g.kernel)) / g.groups;
  const answers: Float32Array[] = [];
  for (const pool of pools) {
    const builder = new ProgramBuilder(pool.threads);
    const result = builder.local(size * 4);
    add(builder, g, {
      x: sliceOf(builder.constant(widened(x, g.channels, margin)), g.channels, margin),
      dy: sliceOf(builder.constant(widened(dy, g.outputs, margin)), g.outputs, margin),
      dw: result,
    });
    const program = prepareProgram(pool, builder);
    program.run();
    answers.push(await program.read(result));
    const damaged = await program.damaged();
    program.dispose();
    if (damaged.length > 0) return `memory around ${damaged.join()} was written for ${JSON.stringify(g)}`;
  }
  const { dw, absolute } = directWeightGradient(g, x, dy);
  for (const [index, want] of dw.entries()) {
    const got = answers.map((answer) => answer[index] ?? NaN);
    const [first = NaN] = got;
    // n terms add up in n roundings, each of half a unit in the last place of a sum that is smaller than that of the absolute terms; 64 of them are far
    // more than chance leaves of n.
    if (!(Math.abs(first - want) <= at(absolute, index) * 64 * 2 ** -24))
      return `element ${index} is ${first} instead of ${want} for ${JSON.stringify(g)}`;
    if (got.some((value) => !Object.is(value, first)))
      return `element ${index} differs with threads for ${JSON.stringify(g)}`;
  }
  return undefined;
}
