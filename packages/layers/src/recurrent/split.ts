// An axis in equal pieces, whose gradients are put together once. (That of a slice alone is a tensor of the whole size, and of many slices as many.)
import { type Tensor, type WithGradient, at, concat, customGradient } from "@stria/core";
import { range, take } from "../axes.ts";

/** The `count` equal pieces of an axis. */
export function split(x: Tensor, axis: number, count: number): readonly Tensor[] {
  const size = at(x.shape, axis) / count;
  const pieces = customGradient((whole: Tensor): WithGradient<readonly Tensor[]> => ({
    value: range(count).map((index) => take(whole, axis, index * size, size)),
    vjp: (cotangents) => [concat(cotangents, axis)],
  }));
  return pieces(x);
}
