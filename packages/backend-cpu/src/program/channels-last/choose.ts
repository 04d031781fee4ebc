// Which algorithm computes a convolution over pixels. A choice depends on shapes alone, so that it is the same at every run.
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import type { Operand } from "../product.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";
import { addConvolutionLast } from "./convolution.ts";
import {
  addDepthwiseConvolution,
  addDepthwiseInputGradient,
  addDepthwiseWeightGradient,
  depthwiseSuits,
} from "./depthwise.ts";
import { addInputGradientLast } from "./input-gradient.ts";
import type { PixelEpilogue, PixelOperand } from "./pixels.ts";
import { addWeightGradientLast } from "./weight-gradient.ts";
import { addWinogradWeightGradient } from "./winograd-weight-gradient.ts";
import { addWinogradConvolution, addWinogradInputGradient, winogradSuits } from "./winograd.ts";

/** All algorithms, or those alone that multiply what the definition multiplies: "direct" leaves out Winograd's, which round more. */
export type Algorithms = "all" | "direct";

/** y = x * weight; the weight lies row-major, [outputs, channels / groups, ...kernel]. */
export function addPixelConvolution(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: {
    readonly x: PixelOperand;
    readonly weight: BufferId;
    readonly y: PixelOperand;
    readonly bias: Operand | undefined;
  },
  epilogue: PixelEpilogue,
  algorithms: Algorithms,
): void {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (depthwiseSuits(g)) addDepthwiseConvolution(builder, tile, g, operands, epilogue);
  else if (algorithms === "all" && winogradSuits(g, "forward"))
    addWinogradConvolution(builder, tile, g, operands, epilogue);
  else addConvolutionLast(builder, tile, g, operands, epilogue);
}

/** dx, whose convolution has dy as the gradient of its output. */
export function addPixelInputGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: {
    readonly dy: PixelOperand;
    readonly weight: BufferId;
    readonly dx: PixelOperand;
    readonly bias: Operand | undefined;
  },
  epilogue: PixelEpilogue,
  algorithms: Algorithms,
): void {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (depthwiseSuits(g)) addDepthwiseInputGradient(builder, tile, g, operands, epilogue);
  else if (algorithms === "all" && winogradSuits(g, "input gradient"))
    addWinogradInputGradient(builder, tile, g, operands, epilogue);
  else addInputGradientLast(builder, tile, g, operands, epilogue);
}

/** dw, row-major. */
export function addPixelWeightGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: { readonly x: PixelOperand; readonly dy: PixelOperand; readonly dw: BufferId },
  algorithms: Algorithms,
): void {
  if (depthwiseSuits(g)) addDepthwiseWeightGradient(builder, tile, g, buffers);
  else if (algorithms === "all" && winogradSuits(g, "weight gradient"))
    addWinogradWeightGradient(builder, tile, g, { ...buffers, dw: { buffer: buffers.dw, offset: 0 } });
  else addWeightGradientLast(builder, tile, g, buffers);
}
