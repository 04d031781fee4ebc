// Convolutions of all kinds, drawn from a seed.
import { at } from "@stria/core";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";

export type Draw = (below: number) => number;

/** A seeded generator of whole numbers (Steele and others, 2014: SplitMix). */
export function drawer(seed: number): Draw {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x9e3779b9) | 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) % below;
  };
}

export interface Sizes {
  readonly axes: number;
  readonly groups: number;
  /** In each group. */
  readonly depth: number;
  readonly columns: number;
}

/** A convolution with these channels; everything else is drawn. */
export function drawGeometry(draw: Draw, { axes, groups, depth, columns }: Sizes): ConvolutionGeometry {
  const list = (make: (axis: number) => number): number[] => Array.from({ length: axes }, (_, axis) => make(axis));
  const most = axes === 3 ? 3 : 5;
  const kernel = list(() => 1 + draw(most));
  const stride = list(() => 1 + draw(3));
  const dilation = list(() => 1 + draw(3));
  const before = list(() => draw(4));
  const after = list(() => draw(4));
  const input = list((axis) => {
    const least = Math.max(1, (at(kernel, axis) - 1) * at(dilation, axis) + 1 - at(before, axis) - at(after, axis));
    return least + draw(axes === 1 ? 40 : axes === 2 ? 9 : 4);
  });
  const places = input.map((size, axis) => {
    const reach = (at(kernel, axis) - 1) * at(dilation, axis) + 1;
    return Math.floor((size + at(before, axis) + at(after, axis) - reach) / at(stride, axis)) + 1;
  });
  return {
    batch: 1 + draw(3),
    channels: groups * depth,
    outputs: groups * columns,
    groups,
    input,
    places,
    kernel,
    stride,
    dilation,
    before,
  };
}

/** Numbers like those of a normal distribution, of variance 1. */
export function drawNumbers(draw: Draw, length: number): Float32Array {
  const uniform = (): number => draw(65536) / 65536 - 0.5;
  return Float32Array.from({ length }, () => (uniform() + uniform() + uniform()) * 2);
}
