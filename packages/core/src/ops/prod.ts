// Products.
import { at, normaliseAxes, reducedShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { iota } from "./iota.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { checkAxes, checkFlag } from "./support/shape-rules.ts";
import type { ReduceAttrs, ReduceOptions } from "./sum.ts";
import { transpose } from "./transpose.ts";
import { where } from "./where.ts";

export const prodOp: Op<ReduceAttrs> = /* @__PURE__ */ defineOp<ReduceAttrs>("prod", {
  infer([x], { axes, keepDims }) {
    const operand = present("prod", x);
    checkDType("prod", operand, numbers);
    checkAxes("prod", axes, operand.shape.length);
    checkFlag("prod", "keepDims", keepDims);
    return { shape: reducedShape(operand.shape, axes, keepDims), dtype: operand.dtype };
  },
  vjp({ dy, inputs, attrs }) {
    const x = at(inputs, 0);
    const dyKept = reshape(dy, reducedShape(x.shape, attrs.axes, true));
    return [mul(dyKept, productsOfOthers(x, attrs.axes))];
  },
});

/** For each element the product of the others along `axes`: no division, so zeros are no special case. */
function productsOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...kept, ...axes];
  const moved = transpose(x, order);
  const outer = kept.map((axis) => at(x.shape, axis));
  const count = axes.reduce((product, axis) => product * at(x.shape, axis), 1);
  const square = broadcastTo(reshape(moved, [...outer, 1, count]), [...outer, count, count]);
  const own = equal(iota([count, count], 0), iota([count, count], 1));
  const others = applyOne(prodOp, [where(own, 1, square)], { axes: [outer.length + 1], keepDims: false });
  const back = order.map((_, axis) => order.indexOf(axis));
  return transpose(reshape(others, moved.shape), back);
}

/** The product over `axes` (all when not given). Nothing multiplies to 1. */
export function prod(
  x: TensorLike,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  const tensor = asTensor(x, "prod");
  return applyOne(prodOp, [tensor], { axes: normaliseAxes("prod", axes, tensor.rank), keepDims });
}
