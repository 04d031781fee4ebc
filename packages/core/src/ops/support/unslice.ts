// The transpose of slice.
import { at } from "../../tensor/aval.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { pad } from "../pad.ts";
import { reshape } from "../reshape.ts";
import { slice } from "../slice.ts";

/** Zeros everywhere but at the places that slice took. */
export function unslice(
  dy: Tensor,
  shape: readonly number[],
  start: readonly number[],
  stride: readonly number[],
): Tensor {
  const spread = spreadOut(dy, stride);
  return pad(
    spread,
    shape.map((length, axis) => {
      const before = Math.min(at(start, axis), length); // what is empty may start anywhere
      return [before, length - before - at(spread.shape, axis)] as const;
    }),
  );
}

/** Puts `stride - 1` zeros between neighbours along every axis. */
function spreadOut(x: Tensor, stride: readonly number[]): Tensor {
  let spread = x;
  for (const [axis, step] of stride.entries()) {
    const length = at(spread.shape, axis);
    if (step === 1 || length <= 1) continue;
    const [before, after] = [spread.shape.slice(0, axis), spread.shape.slice(axis + 1)];
    const apart = pad(reshape(spread, [...before, length, 1, ...after]), [
      ...before.map(() => [0, 0] as const),
      [0, 0],
      [0, step - 1],
      ...after.map(() => [0, 0] as const),
    ]);
    const merged = reshape(apart, [...before, length * step, ...after]);
    const size = merged.shape.with(axis, (length - 1) * step + 1);
    spread = slice(
      merged,
      size.map(() => 0),
      size,
    );
  }
  return spread;
}
