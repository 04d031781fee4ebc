// Adds the steps of a convolution over pixels, by the algorithm that was chosen.
import type { Tile } from "../../kernels/tile.ts";
import {
  addConvolution,
  addInputGradient,
  addWeightGradient,
  type ConvolutionGeometry,
  type PadImages,
} from "../convolution.ts";
import type { Images } from "../images.ts";
import { orderedView } from "../order.ts";
import type { Operand } from "../product.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";
import { type Algorithm, matricesOf } from "./algorithms.ts";
import { addConvolutionLast } from "./convolution.ts";
import { addDepthwiseConvolution, addDepthwiseInputGradient, addDepthwiseWeightGradient } from "./depthwise.ts";
import { addInputGradientLast } from "./input-gradient.ts";
import type { PixelEpilogue, PixelOperand } from "./pixels.ts";
import { addWeightGradientLast } from "./weight-gradient.ts";
import { addWinogradWeightGradient } from "./winograd-weight-gradient.ts";
import { addWinogradConvolution, addWinogradInputGradient } from "./winograd.ts";

/** How to compute: by what, on which tile, and with which means to pad images where the algorithm has to. */
export interface Way {
  readonly algorithm: Algorithm;
  readonly tile: Tile;
  readonly pad: PadImages;
}

/** Pixels as images. */
function imagesOf({ buffer, offset, pitch }: PixelOperand, g: ConvolutionGeometry, side: "input" | "output"): Images {
  const [channels, spatial] = side === "input" ? [g.channels, g.input] : [g.outputs, g.places];
  const shape = [g.batch, channels, ...spatial];
  const step = pitch ?? channels;
  const strides = orderedView([g.batch, step, ...spatial], "channels-last").strides;
  return { buffer, view: { shape, strides, offset } };
}

/** y = x * weight; the weight lies row-major, [outputs, channels / groups, ...kernel]. */
export function addPixelConvolution(
  builder: ProgramBuilder,
  { algorithm, tile, pad }: Way,
  g: ConvolutionGeometry,
  buffers: {
    readonly x: PixelOperand;
    readonly weight: BufferId;
    readonly y: PixelOperand;
    readonly bias: Operand | undefined;
  },
  epilogue: PixelEpilogue,
): void {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (algorithm === "depthwise") addDepthwiseConvolution(builder, tile, g, operands, epilogue);
  else if (algorithm === "packed")
    addConvolution(
      builder,
      tile,
      g,
      { ...buffers, x: imagesOf(buffers.x, g, "input"), y: imagesOf(buffers.y, g, "output") },
      { bias: buffers.bias ? "row" : "none", relu: epilogue.relu },
      pad,
    );
  else if (algorithm === "winograd-2x2" || algorithm === "winograd-4x4")
    addWinogradConvolution(builder, tile, g, operands, epilogue, matricesOf(algorithm));
  else addConvolutionLast(builder, tile, g, operands, epilogue);
}

/** dx, whose convolution has dy as the gradient of its output. */
export function addPixelInputGradient(
  builder: ProgramBuilder,
  { algorithm, tile, pad }: Way,
  g: ConvolutionGeometry,
  buffers: {
    readonly dy: PixelOperand;
    readonly weight: BufferId;
    readonly dx: PixelOperand;
    readonly bias: Operand | undefined;
  },
  epilogue: PixelEpilogue,
): void {
  const operands = { ...buffers, weight: { buffer: buffers.weight, offset: 0 } };
  if (algorithm === "depthwise") addDepthwiseInputGradient(builder, tile, g, operands, epilogue);
  else if (algorithm === "packed")
    addInputGradient(
      builder,
      tile,
      g,
      { ...buffers, dy: imagesOf(buffers.dy, g, "output"), dx: imagesOf(buffers.dx, g, "input") },
      { bias: buffers.bias ? "row" : "none", relu: epilogue.relu },
      pad,
    );
  else if (algorithm === "winograd-2x2" || algorithm === "winograd-4x4")
    addWinogradInputGradient(builder, tile, g, operands, epilogue, matricesOf(algorithm));
  else addInputGradientLast(builder, tile, g, operands, epilogue);
}

/** dw, row-major. */
export function addPixelWeightGradient(
  builder: ProgramBuilder,
  { algorithm, tile, pad }: Way,
  g: ConvolutionGeometry,
  buffers: { readonly x: PixelOperand; readonly dy: PixelOperand; readonly dw: BufferId },
): void {
  if (algorithm === "depthwise") addDepthwiseWeightGradient(builder, tile, g, buffers);
  else if (algorithm === "packed")
    addWeightGradient(
      builder,
      tile,
      g,
      { x: imagesOf(buffers.x, g, "input"), dy: imagesOf(buffers.dy, g, "output"), dw: buffers.dw },
      pad,
    );
  else if (algorithm === "winograd-4x4")
    addWinogradWeightGradient(builder, tile, g, { ...buffers, dw: { buffer: buffers.dw, offset: 0 } });
  else addWeightGradientLast(builder, tile, g, buffers);
}
