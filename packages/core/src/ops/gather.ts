// Reading single elements at indices of one axis, and its transpose: adding them up there. Each is the other's gradient.
import { at, normaliseAxis, sameShape, showShape } from "../tensor/aval.ts";
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
  checkBeside,
  checkIndices,
  checkLength,
  cutTo,
  extendTo,
  isInside,
  pickByOneHot,
  putByOneHot,
} from "./support/indexing.ts";
import { reshape } from "./reshape.ts";
import { checkAxis } from "./support/shape-rules.ts";
import type { TakeAttrs, TakeGradientAttrs } from "./take.ts";
import { where } from "./where.ts";

export const gatherOp: Op<TakeAttrs> = /* @__PURE__ */ defineOp<TakeAttrs>("gather", {
  infer([x, indices], { axis }) {
    const [values, places] = [present("gather", x), present("gather", indices)];
    checkDType("gather", values, dtypes);
    checkIndices("gather", places);
    checkAxis("gather", axis, values.shape.length);
    checkBeside("gather", values, places, axis);
    return { shape: places.shape, dtype: values.dtype };
  },
  vjp({ dy, inputs, attrs: { axis } }) {
    return [applyOne(gatherGradientOp, [dy, at(inputs, 1)], { axis, length: at(at(inputs, 0).shape, axis) }), null];
  },
  decompose([x, indices], { axis }) {
    const [values, places] = [present("gather", x), present("gather", indices)];
    return reshape(pickByOneHot(aroundAxis(values, axis), aroundAxis(places, axis)), places.shape);
  },
});

export const gatherGradientOp: Op<TakeGradientAttrs> = /* @__PURE__ */ defineOp<TakeGradientAttrs>("gatherGradient", {
  infer([dy, indices], { axis, length }) {
    const [values, places] = [present("gatherGradient", dy), present("gatherGradient", indices)];
    checkDType("gatherGradient", values, numbers);
    checkIndices("gatherGradient", places);
    checkAxis("gatherGradient", axis, values.shape.length);
    checkLength("gatherGradient", length);
    if (!sameShape(values.shape, places.shape))
      throw new ShapeError(
        "gatherGradient",
        `values ${showShape(values.shape)} and indices ${showShape(places.shape)} differ`,
        "give one value for each index",
      );
    return { shape: values.shape.with(axis, length), dtype: values.dtype };
  },
  // What was left out gets 0, where gather alone would give NaN.
  vjp({ dy, inputs, attrs: { axis, length } }) {
    const places = at(inputs, 1);
    return [where(isInside(places, length), applyOne(gatherOp, [dy, places], { axis }), 0), null];
  },
  decompose([dy, indices], { axis, length }) {
    const [values, places] = [present("gatherGradient", dy), present("gatherGradient", indices)];
    const sums = putByOneHot(aroundAxis(values, axis), aroundAxis(places, axis), length);
    return reshape(sums, values.shape.with(axis, length));
  },
});

/**
 * One element of `x` for each of `indices` (int32, of x's rank): with axis 0, y[i][j] = x[indices[i][j]][j], as PyTorch's gather. `indices` may
 * be shorter than `x` in the other axes. Indices count from 0; one outside 0..length-1, a negative one too, gives NaN, or 0 where `x` holds
 * integers. Without a kernel of its own a backend sums as many terms for each element as `axis` is long.
 */
export function gather(x: TensorLike, indices: TensorLike, axis: number): Tensor {
  const [tensor, places] = [asTensor(x, "gather"), asIndices("gather", indices)];
  const along = normaliseAxis("gather", axis, tensor.rank);
  return applyOne(gatherOp, [cutTo("gather", tensor, places.shape, along), places], { axis: along });
}

/**
 * `x` with each of `updates` added at its index along `axis`: with axis 0, y[indices[i][j]][j] += updates[i][j], as PyTorch's scatter_add; where
 * indices are equal, all are added. `indices` (int32) may be shorter than `updates` in every axis, and than `x` in the other axes.
 * An index outside x, a negative one too, adds nothing.
 */
export function scatterAdd(x: TensorLike, indices: TensorLike, updates: TensorLike, axis: number): Tensor {
  const [tensor, places] = [asTensor(x, "scatterAdd"), asIndices("scatterAdd", indices)];
  const along = normaliseAxis("scatterAdd", axis, tensor.rank);
  cutTo("scatterAdd", tensor, places.shape, along);
  const values = cutTo("scatterAdd", asTensor(updates, "scatterAdd"), places.shape);
  const sums = applyOne(gatherGradientOp, [values, places], { axis: along, length: at(tensor.shape, along) });
  return add(tensor, extendTo(sums, tensor.shape));
}
