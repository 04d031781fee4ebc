// What ops that read or write at indices share: shape rules, and the one-hot sums that say them in simpler ops.
import { type Aval, type Shape, at, showAval, showShape, sizeOf } from "../../tensor/aval.ts";
import { type TensorLike, asTensor } from "../../tensor/dispatch.ts";
import { isFloat } from "../../tensor/dtype.ts";
import { AttributeError, DTypeError, ShapeError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { cast } from "../cast.ts";
import { equal } from "../equal.ts";
import { iota } from "../iota.ts";
import { less } from "../less.ts";
import { lessEqual } from "../lessEqual.ts";
import { logicalAnd } from "../logicalAnd.ts";
import { pad } from "../pad.ts";
import { reshape } from "../reshape.ts";
import { slice } from "../slice.ts";
import { sum } from "../sum.ts";
import { where } from "../where.ts";

/** Indices of a public function: int32, or uint8, which is cast. */
export function asIndices(op: string, indices: TensorLike): Tensor {
  const tensor = asTensor(indices, op);
  return tensor.dtype === "uint8" ? cast(tensor, "int32") : tensor;
}

/** @throws DTypeError naming the op. */
export function checkIndices(op: string, indices: Aval): void {
  if (indices.dtype !== "int32")
    throw new DTypeError(op, `the indices are ${indices.dtype}`, "cast them to int32 first");
}

/** Shapes that are equal but along one axis. @throws ShapeError naming the op. */
export function checkBeside(op: string, values: Aval, indices: Aval, axis: number): void {
  const fits =
    values.shape.length === indices.shape.length &&
    values.shape.every((length, other) => other === axis || length === indices.shape[other]);
  if (!fits)
    throw new ShapeError(
      op,
      `values ${showAval(values)} and indices ${showAval(indices)} differ in an axis other than ${axis}`,
      "give both the same shape but along that axis",
    );
}

/** How many elements an axis is to have. @throws AttributeError naming the op. */
export function checkLength(op: string, length: number): void {
  if (!Number.isInteger(length) || length < 0)
    throw new AttributeError(op, `length is ${String(length)}`, "use a whole number >= 0");
}

/** A tensor as [before, axis, after]. */
export function aroundAxis(x: Tensor, axis: number): Tensor {
  return reshape(x, [sizeOf(x.shape.slice(0, axis)), at(x.shape, axis), sizeOf(x.shape.slice(axis + 1))]);
}

/** The first elements of `x` along every axis, but along `axis` all. @throws ShapeError where there are not so many. */
export function cutTo(op: string, x: Tensor, shape: Shape, axis?: number): Tensor {
  const size = x.shape.map((length, other) => (other === axis ? length : (shape[other] ?? 0)));
  if (x.rank !== shape.length || size.some((length, other) => length > at(x.shape, other)))
    throw new ShapeError(
      op,
      `indices of shape ${showShape(shape)} reach beyond ${showShape(x.shape)}${axis === undefined ? "" : ` in an axis other than ${axis}`}`,
      "give indices of the same rank, no longer in any axis",
    );
  return slice(
    x,
    size.map(() => 0),
    size,
  );
}

/** `part`, which lies at the start of a tensor of `shape`, with `value` after it. */
export function extendTo(part: Tensor, shape: Shape, value = 0): Tensor {
  return pad(
    part,
    shape.map((length, axis) => [0, length - at(part.shape, axis)] as const),
    value,
  );
}

/** Where an index is one of 0 to length - 1. */
export function isInside(indices: Tensor, length: number): Tensor {
  return logicalAnd(lessEqual(0, indices), less(indices, length));
}

/** A new axis of length 1 in [a, b, c]. */
function apart([a = 1, b = 1, c = 1]: Shape, axis: 1 | 2): Shape {
  return axis === 1 ? [a, 1, b, c] : [a, b, 1, c];
}

/**
 * Of `x` [before, length, after] the elements at `indices` [before or 1, count, after or 1]: [before, count, after]. Outside: NaN, or 0 of an
 * integer. A sum of length terms for each element; what is not chosen is left out, not multiplied by 0, so that NaN does not spread.
 */
export function pickByOneHot(x: Tensor, indices: Tensor): Tensor {
  const length = at(x.shape, 1);
  const chosen = equal(reshape(indices, apart(indices.shape, 2)), iota([1, 1, length, 1], 2));
  const numeric = cast(x, isFloat(x.dtype) ? "float32" : "int32");
  const picked = sum(where(chosen, reshape(numeric, apart(x.shape, 1)), 0), 2);
  return cast(isFloat(x.dtype) ? where(isInside(indices, length), picked, Number.NaN) : picked, x.dtype);
}

/**
 * `updates` [before, count, after] added up at `indices` [before or 1, count, after or 1] of zeros: [before, length, after]. What is
 * outside is left out. A sum of count terms for each element.
 */
export function putByOneHot(updates: Tensor, indices: Tensor, length: number): Tensor {
  const chosen = equal(reshape(indices, apart(indices.shape, 1)), iota([1, length, 1, 1], 1));
  return sum(where(chosen, reshape(updates, apart(updates.shape, 1)), 0), 2);
}
