// Adds the steps of a convolution over pixels, by the algorithm that was chosen.
import type { Tile } from "../../kernels/tile.ts";
import { depthwise, packed, winograd } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

import type { BufferId, ProgramBuilder } from "../steps.ts";
import type { Algorithm } from "./algorithms.ts";
import { addConvolutionLast } from "./convolution.ts";
import { addInputGradientLast } from "./input-gradient.ts";
import type { ForwardOperands, InputGradientOperands, PixelEpilogue, WeightGradientOperands } from "./pixels.ts";
import { addWeightGradientLast } from "./weight-gradient.ts";

/** How to compute: by what, and on which tile. */
export interface Way {
  readonly algorithm: Algorithm;
  readonly tile: Tile;
}

/** y = x * weight; the weight lies row-major, [outputs, channels / groups, ...kernel]. */
export function* addPixelConvolution(
  builder: ProgramBuilder,
  { algorithm, tile }: Way,
  g: ConvolutionGeometry,
  buffers: ForwardOperands<BufferId>,
  epilogue: PixelEpilogue,
): Pieces<void> {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (algorithm === "depthwise")
    (yield* depthwise.wait()).addDepthwiseConvolution(builder, tile, g, operands, epilogue);
  else if (algorithm === "packed") (yield* packed.wait()).addPackedConvolution(builder, tile, g, buffers, epilogue);
  else if (algorithm === "winograd-2x2" || algorithm === "winograd-4x4") {
    const { addWinogradConvolution, f2x3, f4x3 } = yield* winograd.wait();
    addWinogradConvolution(builder, tile, g, operands, epilogue, algorithm === "winograd-2x2" ? f2x3 : f4x3);
  } else addConvolutionLast(builder, tile, g, operands, epilogue);
}

/** dx, whose convolution has dy as the gradient of its output. */
export function* addPixelInputGradient(
  builder: ProgramBuilder,
  { algorithm, tile }: Way,
  g: ConvolutionGeometry,
  buffers: InputGradientOperands<BufferId>,
  epilogue: PixelEpilogue,
): Pieces<void> {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (algorithm === "depthwise")
    (yield* depthwise.wait()).addDepthwiseInputGradient(builder, tile, g, operands, epilogue);
  else if (algorithm === "packed") (yield* packed.wait()).addPackedInputGradient(builder, tile, g, buffers, epilogue);
  else if (algorithm === "winograd-2x2" || algorithm === "winograd-4x4") {
    const { addWinogradInputGradient, f2x3, f4x3 } = yield* winograd.wait();
    addWinogradInputGradient(builder, tile, g, operands, epilogue, algorithm === "winograd-2x2" ? f2x3 : f4x3);
  } else addInputGradientLast(builder, tile, g, operands, epilogue);
}

/** dw, row-major. */
export function* addPixelWeightGradient(
  builder: ProgramBuilder,
  { algorithm, tile }: Way,
  g: ConvolutionGeometry,
  buffers: WeightGradientOperands,
): Pieces<void> {
  if (algorithm === "depthwise") (yield* depthwise.wait()).addDepthwiseWeightGradient(builder, tile, g, buffers);
  else if (algorithm === "packed") (yield* packed.wait()).addPackedWeightGradient(builder, tile, g, buffers);
  else if (algorithm === "winograd-4x4") {
    const dw = { buffer: buffers.dw, offset: 0 };
    (yield* winograd.wait()).addWinogradWeightGradient(builder, tile, g, { ...buffers, dw });
  } else addWeightGradientLast(builder, tile, g, buffers);
}
