// Sums and means.
import { at, normaliseAxes, reducedShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { checkAxes, checkFlag } from "./support/shape-rules.ts";

export interface ReduceOptions {
  /** Keep reduced axes with length 1. Default false. */
  readonly keepDims?: boolean;
}

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export const sumOp: Op<ReduceAttrs> = /* @__PURE__ */ defineOp<ReduceAttrs>("sum", {
  infer([x], { axes, keepDims }) {
    const operand = present("sum", x);
    checkDType("sum", operand, numbers);
    checkAxes("sum", axes, operand.shape.length);
    checkFlag("sum", "keepDims", keepDims);
    return { shape: reducedShape(operand.shape, axes, keepDims), dtype: operand.dtype };
  },
  vjp({ dy, inputs, attrs }) {
    const { shape } = at(inputs, 0);
    return [broadcastTo(reshape(dy, reducedShape(shape, attrs.axes, true)), shape)];
  },
});

/** The sum over `axes` (all when not given; negative ones count from the end). Nothing sums to 0. */
export function sum(
  x: TensorLike,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  const tensor = asTensor(x, "sum");
  return applyOne(sumOp, [tensor], { axes: normaliseAxes("sum", axes, tensor.rank), keepDims });
}

/** The mean over `axes` (all when not given). The mean of nothing is NaN. */
export function mean(x: TensorLike, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  const tensor = asTensor(x, "mean");
  const count = normaliseAxes("mean", axes, tensor.rank).reduce((product, axis) => product * at(tensor.shape, axis), 1);
  return mul(sum(tensor, axes, options), 1 / count);
}
