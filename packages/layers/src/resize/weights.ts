// Which input elements an output element of a resized axis is made of, and with which weights. As PyTorch's `interpolate`, to the rounding.
import { range } from "../axes.ts";

/** What stands between the elements: steps, straight lines, cubic polynomials; or the mean of what an output element covers. */
export type InterpolationMode = "nearest" | "nearestExact" | "linear" | "cubic" | "area";

/** How one axis is resized. */
export interface AxisResize {
  readonly mode: InterpolationMode;
  readonly from: number;
  readonly to: number;
  /** Input elements for each output element, where it is not `from / to`. */
  readonly step: number | undefined;
  readonly alignCorners: boolean;
  readonly antialias: boolean;
}

/** Contributions to one output element. */
export type Taps = readonly (readonly [index: number, weight: number])[];

/** Input elements between neighbouring output elements. */
function stepOf({ from, to, step, alignCorners }: AxisResize): number {
  if (alignCorners) return to > 1 ? (from - 1) / (to - 1) : 0;
  return step ?? from / to;
}

/** Keys' cubic kernel (1981) with slope `a` at 1. */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

function within(index: number, length: number): number {
  return Math.min(Math.max(index, 0), length - 1);
}

/** The input element that an output element copies; in float32, as PyTorch counts. */
export function nearestIndex(resize: AxisResize, output: number): number {
  const step = Math.fround(resize.step ?? resize.from / resize.to);
  const place = Math.fround((resize.mode === "nearestExact" ? output + 0.5 : output) * step);
  return within(Math.floor(place), resize.from);
}

/** Wide enough for all input elements under an output element, as in Pillow: no aliasing where the axis shrinks. */
function antialiased(resize: AxisResize, output: number): Taps {
  const { mode, from } = resize;
  const step = stepOf(resize);
  const wide = Math.max(step, 1);
  const support = (mode === "cubic" ? 2 : 1) * wide;
  const center = step * (output + 0.5);
  const first = Math.max(Math.trunc(center - support + 0.5), 0);
  const count = Math.min(Math.trunc(center + support + 0.5), from) - first;
  const raw = range(count).map((place): [number, number] => {
    const x = (place + first - center + 0.5) / wide;
    return [first + place, mode === "cubic" ? cubic(x, -0.5) : Math.max(0, 1 - Math.abs(x))];
  });
  const total = raw.reduce((sum, [, weight]) => sum + weight, 0);
  return raw.map(([index, weight]) => [index, total === 0 ? weight : weight / total]);
}

/** What an output element is made of. */
function tapsOf(resize: AxisResize, output: number): Taps {
  const { mode, from, to, alignCorners, antialias } = resize;
  if (mode === "nearest" || mode === "nearestExact") return [[nearestIndex(resize, output), 1]];
  if (mode === "area") {
    const first = Math.floor((output * from) / to);
    const end = Math.ceil(((output + 1) * from) / to);
    return range(end - first).map((place) => [first + place, 1 / (end - first)]);
  }
  if (antialias) return antialiased(resize, output);
  const step = stepOf(resize);
  const place = alignCorners ? step * output : step * (output + 0.5) - 0.5;
  if (mode === "linear") {
    const clamped = Math.max(place, 0);
    const first = Math.min(Math.floor(clamped), from - 1);
    const share = Math.min(clamped - first, 1);
    return [
      [first, 1 - share],
      [within(first + 1, from), share],
    ];
  }
  const first = Math.floor(place);
  return [-1, 0, 1, 2].map((offset) => [within(first + offset, from), cubic(place - first - offset, -0.75)]);
}

/** The taps of all output elements as a matrix [to, from]. */
export function matrixOf(resize: AxisResize): Float32Array {
  const { from, to } = resize;
  const sums = new Float64Array(to * from);
  for (const output of range(to))
    for (const [index, weight] of tapsOf(resize, output)) {
      const place = output * from + index;
      sums[place] = (sums[place] ?? 0) + weight;
    }
  return Float32Array.from(sums);
}
