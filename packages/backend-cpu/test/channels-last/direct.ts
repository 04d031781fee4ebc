// Convolution and its gradients, channels-last, straight from the definition and summed in float64.
import { at, sizeOf } from "@stria/core";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";

type Numbers = ArrayLike<number>;

/** Index of a pixel in [images, ...sizes], or -1 outside. */
function pixelOf(image: number, position: readonly number[], sizes: readonly number[]): number {
  let index = image;
  for (const [axis, size] of sizes.entries()) {
    const place = at(position, axis);
    if (place < 0 || place >= size) return -1;
    index = index * size + place;
  }
  return index;
}

function positions(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (all, size) => all.flatMap((head) => Array.from({ length: size }, (_, place) => [...head, place])),
    [[]],
  );
}

/** Calls `visit` for each pair of pixels that an element of the kernel joins. */
function eachPair(g: ConvolutionGeometry, visit: (input: number, output: number, tap: number) => void): void {
  const [places, taps] = [positions(g.places), positions(g.kernel)];
  for (let image = 0; image < g.batch; image++)
    for (const place of places)
      taps.forEach((tap, index) => {
        const position = place.map(
          (p, axis) => p * at(g.stride, axis) + at(tap, axis) * at(g.dilation, axis) - at(g.before, axis),
        );
        const input = pixelOf(image, position, g.input);
        if (input >= 0) visit(input, pixelOf(image, place, g.places), index);
      });
}

/** y [n, ...places, o] from x [n, ...input, c] and the weight [o, c / groups, ...kernel]. */
export function directConvolution(g: ConvolutionGeometry, x: Numbers, weight: Numbers): Float64Array {
  const [depth, columns, taps] = [g.channels / g.groups, g.outputs / g.groups, sizeOf(g.kernel)];
  const y = new Float64Array(g.batch * sizeOf(g.places) * g.outputs);
  eachPair(g, (input, output, tap) => {
    for (let o = 0; o < g.outputs; o++) {
      const first = Math.floor(o / columns) * depth;
      let sum = 0;
      for (let c = 0; c < depth; c++)
        sum += (x[input * g.channels + first + c] ?? NaN) * (weight[(o * depth + c) * taps + tap] ?? NaN);
      y[output * g.outputs + o] = at(y, output * g.outputs + o) + sum;
    }
  });
  return y;
}

/** dx [n, ...input, c] from dy [n, ...places, o] and the weight [o, c / groups, ...kernel]. */
export function directInputGradient(g: ConvolutionGeometry, dy: Numbers, weight: Numbers): Float64Array {
  const [depth, columns, taps] = [g.channels / g.groups, g.outputs / g.groups, sizeOf(g.kernel)];
  const dx = new Float64Array(g.batch * sizeOf(g.input) * g.channels);
  eachPair(g, (input, output, tap) => {
    for (let o = 0; o < g.outputs; o++) {
      const first = Math.floor(o / columns) * depth;
      const gradient = dy[output * g.outputs + o] ?? NaN;
      for (let c = 0; c < depth; c++) {
        const place = input * g.channels + first + c;
        dx[place] = at(dx, place) + gradient * (weight[(o * depth + c) * taps + tap] ?? NaN);
      }
    }
  });
  return dx;
}

/** dw [o, c / groups, ...kernel] from x [n, ...input, c] and dy [n, ...places, o]; and for each element the sum of the absolute terms. */
export function directWeightGradient(
  g: ConvolutionGeometry,
  x: Numbers,
  dy: Numbers,
): { readonly dw: Float64Array; readonly absolute: Float64Array } {
  const [depth, columns, taps] = [g.channels / g.groups, g.outputs / g.groups, sizeOf(g.kernel)];
  const dw = new Float64Array(g.outputs * depth * taps);
  const absolute = new Float64Array(dw.length);
  eachPair(g, (input, output, tap) => {
    for (let o = 0; o < g.outputs; o++) {
      const first = input * g.channels + Math.floor(o / columns) * depth;
      const gradient = dy[output * g.outputs + o] ?? NaN;
      for (let c = 0; c < depth; c++) {
        const place = (o * depth + c) * taps + tap;
        const term = (x[first + c] ?? NaN) * gradient;
        dw[place] = at(dw, place) + term;
        absolute[place] = at(absolute, place) + Math.abs(term);
      }
    }
  });
  return { dw, absolute };
}
