// Convolutions over pixels as matrix products whose patches are packed: pixels are images of another memory order.
import type { Tile } from "../../kernels/tile.ts";
import { addConvolution, addInputGradient, addWeightGradient, type ConvolutionGeometry } from "../convolution.ts";
import type { Images } from "../images.ts";
import { orderedView } from "../order.ts";
import { padder } from "../pad-images.ts";

import type { BufferId, ProgramBuilder } from "../steps.ts";
import type {
  ForwardOperands,
  InputGradientOperands,
  PixelEpilogue,
  PixelOperand,
  WeightGradientOperands,
} from "./pixels.ts";

/** Pixels as images. */
function imagesOf({ buffer, offset, pitch }: PixelOperand, g: ConvolutionGeometry, side: "input" | "output"): Images {
  const [channels, spatial] = side === "input" ? [g.channels, g.input] : [g.outputs, g.places];
  const shape = [g.batch, channels, ...spatial];
  const step = pitch ?? channels;
  const strides = orderedView([g.batch, step, ...spatial], "channels-last").strides;
  return { buffer, view: { shape, strides, offset } };
}

/** y = x * weight. */
export function addPackedConvolution(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: ForwardOperands<BufferId>,
  { relu }: PixelEpilogue,
): void {
  const images = { x: imagesOf(buffers.x, g, "input"), y: imagesOf(buffers.y, g, "output") };
  const bias = buffers.bias ? "row" : "none";
  addConvolution(builder, tile, g, { ...buffers, ...images }, { bias, relu }, padder(builder));
}

/** dx, whose convolution has dy as the gradient of its output. */
export function addPackedInputGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: InputGradientOperands<BufferId>,
  { relu }: PixelEpilogue,
): void {
  const images = { dy: imagesOf(buffers.dy, g, "output"), dx: imagesOf(buffers.dx, g, "input") };
  const bias = buffers.bias ? "row" : "none";
  addInputGradient(builder, tile, g, { ...buffers, ...images }, { bias, relu }, padder(builder));
}

/** dw, row-major. */
export function addPackedWeightGradient(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: WeightGradientOperands,
): void {
  const images = { x: imagesOf(buffers.x, g, "input"), dy: imagesOf(buffers.dy, g, "output") };
  addWeightGradient(builder, tile, g, { ...images, dw: buffers.dw }, padder(builder));
}
