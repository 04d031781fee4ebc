// Writing single elements at indices of one axis.
import { at, normaliseAxis } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { aroundAxis, asIndices, checkIndices, checkLength, cutTo, extendTo } from "./support/indexing.ts";
import { equal } from "./equal.ts";
import { full } from "./full.ts";
import { gather } from "./gather.ts";
import { iota } from "./iota.ts";
import { lessEqual } from "./lessEqual.ts";
import { max } from "./max.ts";
import { reshape } from "./reshape.ts";
import { checkAxis } from "./support/shape-rules.ts";
import type { TakeGradientAttrs } from "./take.ts";
import { where } from "./where.ts";

/** For each of `length` places along `axis`: which of the indices there is the last to name it; -1 where none does. */
export const scatterPlacesOp: Op<TakeGradientAttrs> = /* @__PURE__ */ defineOp<TakeGradientAttrs>("scatterPlaces", {
  infer([indices], { axis, length }) {
    const places = present("scatterPlaces", indices);
    checkIndices("scatterPlaces", places);
    checkAxis("scatterPlaces", axis, places.shape.length);
    checkLength("scatterPlaces", length);
    return { shape: places.shape.with(axis, length), dtype: "int32" };
  },
  vjp: () => [null],
  decompose([indices], { axis, length }) {
    const places = present("scatterPlaces", indices);
    const shape = places.shape.with(axis, length);
    const count = at(places.shape, axis);
    if (count === 0) return full(shape, -1, "int32");
    const lanes = aroundAxis(places, axis);
    const [before, after] = [at(lanes.shape, 0), at(lanes.shape, 2)];
    const named = equal(reshape(lanes, [before, 1, count, after]), iota([1, length, 1, 1], 1));
    return reshape(max(where(named, iota([1, 1, count, 1], 2), -1), 2), shape);
  },
});

/**
 * `x` with each of `updates` put at its index along `axis`: with axis 0, y[indices[i][j]][j] = updates[i][j], as PyTorch's scatter; where indices
 * are equal, the last along `axis` stays, and it alone has a gradient. `indices` (int32) may be shorter than `updates` in every axis, and than
 * `x` in the other axes. An index outside x, a negative one too, puts nothing. Without a kernel of its own a backend compares every place
 * along `axis` with every index.
 */
export function scatter(x: TensorLike, indices: TensorLike, updates: TensorLike, axis: number): Tensor {
  const [tensor, given] = [asTensor(x, "scatter"), asIndices("scatter", indices)];
  const along = normaliseAxis("scatter", axis, tensor.rank);
  cutTo("scatter", tensor, given.shape, along);
  const values = cutTo("scatter", asTensor(updates, "scatter"), given.shape);
  const places = applyOne(scatterPlacesOp, [given], { axis: along, length: at(tensor.shape, along) });
  const put = extendTo(gather(values, places, along), tensor.shape);
  return where(lessEqual(0, extendTo(places, tensor.shape, -1)), put, tensor);
}
