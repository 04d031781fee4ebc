// Random convolutions, and their answers summed directly in double precision over channels-last values.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { ConvolutionGeometry } from "../../src/program/convolution.ts";
import type { Random } from "./random.ts";

export interface Sizes {
  readonly mostBatch?: number;
  /** By number of spatial axes. */
  readonly mostInput?: readonly number[];
  readonly mostChannels?: number;
}

/** Any rank from 1 to 3, any stride, dilation and padding that leaves an output. */
export function randomConvolution(
  random: Random,
  { mostBatch = 3, mostInput = [40, 14, 6], mostChannels = 20 }: Sizes = {},
): ConvolutionGeometry {
  const rank = random.integer(1, 3);
  const groups = random.pick([1, 1, 1, 2, 3]);
  const axes = Array.from({ length: rank }, () => {
    const input = random.integer(1, at(mostInput, rank - 1));
    const [stride, dilation] = [random.pick([1, 1, 2, 3]), random.pick([1, 1, 1, 2, 3])];
    const kernel = random.integer(1, rank === 1 ? 7 : 4);
    const reach = (kernel - 1) * dilation + 1;
    const before = random.integer(0, random.chance(0.2) ? reach + 1 : Math.floor(reach / 2));
    const behind = Math.max(random.integer(0, reach), reach - input - before);
    return {
      input,
      stride,
      dilation,
      kernel,
      before,
      places: Math.floor((input + before + behind - reach) / stride) + 1,
    };
  });
  const perGroup = Math.ceil(mostChannels / groups);
  return {
    batch: random.integer(1, mostBatch),
    channels: groups * random.integer(1, perGroup),
    outputs: groups * random.integer(1, perGroup),
    groups,
    input: axes.map((axis) => axis.input),
    places: axes.map((axis) => axis.places),
    kernel: axes.map((axis) => axis.kernel),
    stride: axes.map((axis) => axis.stride),
    dilation: axes.map((axis) => axis.dilation),
    before: axes.map((axis) => axis.before),
  };
}

/** Calls `visit` with the pixel of the input and of the output, counted over the batch, and the element of the kernel by which they meet. */
function overPairs(g: ConvolutionGeometry, visit: (input: number, output: number, tap: number) => void): void {
  const [pitch, kernelPitch] = [stridesOf(g.input), stridesOf(g.kernel)];
  const [places, taps, inputs] = [sizeOf(g.places), sizeOf(g.kernel), sizeOf(g.input)];
  const placePitch = stridesOf(g.places);
  for (let place = 0; place < places; place++)
    for (let tap = 0; tap < taps; tap++) {
      let pixel = 0;
      let inside = true;
      g.input.forEach((length, axis) => {
        const index = Math.floor(place / at(placePitch, axis)) % at(g.places, axis);
        const element = Math.floor(tap / at(kernelPitch, axis)) % at(g.kernel, axis);
        const coordinate = index * at(g.stride, axis) + element * at(g.dilation, axis) - at(g.before, axis);
        if (coordinate < 0 || coordinate >= length) inside = false;
        pixel += coordinate * at(pitch, axis);
      });
      if (inside) for (let n = 0; n < g.batch; n++) visit(n * inputs + pixel, n * places + place, tap);
    }
}

/** dw and, beside each element, the sum of the absolute terms, which bounds its error. */
export function weightGradient(
  g: ConvolutionGeometry,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): { readonly value: Float64Array; readonly bound: Float64Array } {
  const [perGroup, outputsPerGroup, taps] = [g.channels / g.groups, g.outputs / g.groups, sizeOf(g.kernel)];
  const value = new Float64Array(g.outputs * perGroup * taps);
  const bound = new Float64Array(value.length);
  overPairs(g, (input, output, tap) => {
    for (let o = 0; o < g.outputs; o++) {
      const first = input * g.channels + Math.floor(o / outputsPerGroup) * perGroup;
      for (let c = 0; c < perGroup; c++) {
        const term = (x[first + c] ?? NaN) * (dy[output * g.outputs + o] ?? NaN);
        const place = (o * perGroup + c) * taps + tap;
        value[place] = (value[place] ?? 0) + term;
        bound[place] = (bound[place] ?? 0) + Math.abs(term);
      }
    }
  });
  return { value, bound };
}
