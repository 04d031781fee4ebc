// Reading whole slices at indices of one axis, and its transpose: adding them up there. Each is the other's gradient.
import { type Shape, at, normaliseAxis, sameShape, showAval } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { dtypes, numbers } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { checkDType, present } from "./support/elementwise.ts";
import {
  aroundAxis,
  asIndices,
  checkIndices,
  checkLength,
  isInside,
  pickByOneHot,
  putByOneHot,
} from "./support/indexing.ts";
import { reshape } from "./reshape.ts";
import { checkAxis, checkShape } from "./support/shape-rules.ts";
import { where } from "./where.ts";

export interface TakeAttrs {
  readonly axis: number;
}

export interface TakeGradientAttrs extends TakeAttrs {
  readonly length: number;
}

/** `shape` with what is at `axis` (`count` axes) replaced by `by`. */
function replaceAxes(shape: Shape, axis: number, count: number, by: Shape): number[] {
  return [...shape.slice(0, axis), ...by, ...shape.slice(axis + count)];
}

export const takeOp: Op<TakeAttrs> = /* @__PURE__ */ defineOp<TakeAttrs>("take", {
  infer([x, indices], { axis }) {
    const [values, places] = [present("take", x), present("take", indices)];
    checkDType("take", values, dtypes);
    checkIndices("take", places);
    checkAxis("take", axis, values.shape.length);
    return { shape: checkShape("take", replaceAxes(values.shape, axis, 1, places.shape)), dtype: values.dtype };
  },
  vjp({ dy, inputs, attrs: { axis } }) {
    return [applyOne(takeGradientOp, [dy, at(inputs, 1)], { axis, length: at(at(inputs, 0).shape, axis) }), null];
  },
  decompose([x, indices], { axis }) {
    const [values, places] = [present("take", x), present("take", indices)];
    const picked = pickByOneHot(aroundAxis(values, axis), reshape(places, [1, places.size, 1]));
    return reshape(picked, replaceAxes(values.shape, axis, 1, places.shape));
  },
});

export const takeGradientOp: Op<TakeGradientAttrs> = /* @__PURE__ */ defineOp<TakeGradientAttrs>("takeGradient", {
  infer([dy, indices], { axis, length }) {
    const [values, places] = [present("takeGradient", dy), present("takeGradient", indices)];
    checkDType("takeGradient", values, numbers);
    checkIndices("takeGradient", places);
    checkLength("takeGradient", length);
    const rank = places.shape.length;
    const shape = replaceAxes(values.shape, axis, rank, [length]);
    checkAxis("takeGradient", axis, shape.length);
    if (!sameShape(values.shape.slice(axis, axis + rank), places.shape))
      throw new ShapeError(
        "takeGradient",
        `values ${showAval(values)} do not have the indices' ${showAval(places)} in place of axis ${axis}`,
        "give one slice for each index",
      );
    return { shape: checkShape("takeGradient", shape), dtype: values.dtype };
  },
  // What was left out gets 0, where take alone would give NaN.
  vjp({ dy, inputs, attrs: { axis, length } }) {
    const [values, places] = [at(inputs, 0), at(inputs, 1)];
    const rest = values.rank - axis - places.rank;
    const inside = reshape(isInside(places, length), [...places.shape, ...Array.from({ length: rest }, () => 1)]);
    return [where(inside, applyOne(takeOp, [dy, places], { axis }), 0), null];
  },
  decompose([dy, indices], { axis, length }) {
    const [values, places] = [present("takeGradient", dy), present("takeGradient", indices)];
    const flat = reshape(values, replaceAxes(values.shape, axis, places.rank, [places.size]));
    const sums = putByOneHot(aroundAxis(flat, axis), reshape(places, [1, places.size, 1]), length);
    return reshape(sums, replaceAxes(flat.shape, axis, 1, [length]));
  },
});

/**
 * The slices of `x` at `indices` (int32, any rank) of `axis` (default 0), as NumPy's take: [..., length, ...] -> [..., ...indices.shape, ...].
 * Indices count from 0; one outside 0..length-1, a negative one too, gives NaN, or 0 where `x` holds integers.
 * Without a kernel of its own a backend sums `length` terms for each element.
 */
export function take(x: TensorLike, indices: TensorLike, axis = 0): Tensor {
  const tensor = asTensor(x, "take");
  return applyOne(takeOp, [tensor, asIndices("take", indices)], { axis: normaliseAxis("take", axis, tensor.rank) });
}

/**
 * `x` with each slice of `updates` added at its index (int32 [count]) of `axis`, as PyTorch's index_add; where indices are equal, all are added.
 * `updates` has x's shape, but `count` along `axis`. An index outside x adds nothing.
 */
export function indexAdd(x: TensorLike, indices: TensorLike, updates: TensorLike, axis = 0): Tensor {
  const [tensor, places] = [asTensor(x, "indexAdd"), asIndices("indexAdd", indices)];
  const along = normaliseAxis("indexAdd", axis, tensor.rank);
  const wanted = replaceAxes(tensor.shape, along, 1, places.shape);
  const values = asTensor(updates, "indexAdd");
  if (!sameShape(values.shape, wanted))
    throw new ShapeError(
      "indexAdd",
      `updates are ${showAval(values.aval)}, x is ${showAval(tensor.aval)} and the indices ${showAval(places.aval)}`,
      `give updates of shape [${wanted.join(", ")}]`,
    );
  return add(tensor, applyOne(takeGradientOp, [values, places], { axis: along, length: at(tensor.shape, along) }));
}
