// 3 x 3 convolutions of stride 1, and how far a result is off.
import { at } from "@stria/core";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";

export type Padding = readonly [top: number, left: number, bottom: number, right: number];

/** A 3 x 3 convolution of stride 1. */
export function squareGeometry(
  batch: number,
  channels: number,
  outputs: number,
  [height, width]: readonly [number, number],
  [top, left, bottom, right]: Padding = [1, 1, 1, 1],
): ConvolutionGeometry {
  return {
    batch,
    channels,
    outputs,
    groups: 1,
    input: [height, width],
    places: [height + top + bottom - 2, width + left + right - 2],
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [1, 1],
    before: [top, left],
  };
}

export function elements(g: ConvolutionGeometry): { x: number; weight: number; y: number } {
  const size = (sizes: readonly number[]): number => sizes.reduce((product, length) => product * length, g.batch);
  return { x: size(g.input) * g.channels, weight: g.outputs * g.channels * 9, y: size(g.places) * g.outputs };
}

/** The largest difference, relative to the root of the mean square of what is wanted. */
export function largestError(found: Float32Array, wanted: Float64Array): number {
  if (found.length !== wanted.length) return Infinity;
  let [largest, squares] = [0, 0];
  wanted.forEach((value, index) => {
    const error = Math.abs(at(found, index) - value);
    largest = Number.isNaN(error) ? Infinity : Math.max(largest, error);
    squares += value * value;
  });
  return largest / Math.sqrt(squares / wanted.length);
}
