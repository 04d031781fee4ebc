// Windows as columns, and their transpose, said in slices: one for each place in the kernel.
import { at, sizeOf } from "../../tensor/aval.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { zeros } from "../../ops/full.ts";
import type { PoolAttrs } from "../../ops/maxPool.ts";
import { pad } from "../../ops/pad.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import type { FoldAttrs } from "../../ops/unfold.ts";
import { present } from "../../ops/support/elementwise.ts";
import { unslice } from "../../ops/support/unslice.ts";
import { windowShape } from "../../ops/support/window.ts";

/** Every place in the kernel, row by row. */
function placesIn(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, length) => places.flatMap((place) => Array.from({ length }, (_, k) => [...place, k])),
    [[]],
  );
}

/** Element k of all windows at once is a slice. (A convolution with kernels of zeros and a one would spread NaN and infinities.) */
export function unfoldInSlices(
  [input]: readonly Tensor[],
  { kernel, stride, dilation, padding }: PoolAttrs,
): readonly Tensor[] {
  const x = present("unfold", input);
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
  const places = windowShape("unfold", x.shape.slice(2), kernel, { stride, dilation, padding });
  const padded = pad(x, [[0, 0], [0, 0], ...padding]);
  const taps = placesIn(kernel).map((place) => {
    const start = [0, 0, ...place.map((k, axis) => k * at(dilation, axis))];
    const tap = slice(padded, start, [batch, channels, ...places], [1, 1, ...stride]);
    return reshape(tap, [batch, channels, 1, sizeOf(places)]);
  });
  return [reshape(concat(taps, 2), [batch, channels * taps.length, sizeOf(places)])];
}

/** The transpose of that: what each element k gave is added at its places. */
export function foldInSlices(
  [input]: readonly Tensor[],
  { kernel, stride, dilation, padding, outputSize }: FoldAttrs,
): readonly Tensor[] {
  const x = present("fold", input);
  const [batch, taps] = [at(x.shape, 0), sizeOf(kernel)];
  const channels = at(x.shape, 1) / taps;
  const places = windowShape("fold", outputSize, kernel, { stride, dilation, padding });
  const padded = outputSize.map((length, axis) => at(padding, axis)[0] + length + at(padding, axis)[1]);
  const byTap = reshape(x, [batch, channels, taps, ...places]);
  const size = [batch, channels, 1, ...places];
  let sum = zeros([batch, channels, ...padded]);
  for (const [tap, place] of placesIn(kernel).entries()) {
    const values = reshape(slice(byTap, [0, 0, tap, ...places.map(() => 0)], size), [batch, channels, ...places]);
    const start = [0, 0, ...place.map((k, axis) => k * at(dilation, axis))];
    sum = add(sum, unslice(values, sum.shape, start, [1, 1, ...stride]));
  }
  return [slice(sum, [0, 0, ...padding.map(([before]) => before)], [batch, channels, ...outputSize])];
}
