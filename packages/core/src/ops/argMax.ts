// The place of the largest.
import { at, normaliseAxis, reducedShape, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { neg } from "./neg.ts";
import { checkAxis, checkFlag } from "./support/shape-rules.ts";
import type { ReduceOptions } from "./sum.ts";

export interface ArgMaxAttrs {
  readonly axis: number;
  readonly keepDims: boolean;
}

export const argMaxOp: Op<ArgMaxAttrs> = /* @__PURE__ */ defineOp<ArgMaxAttrs>("argMax", {
  infer([x], { axis, keepDims }) {
    const operand = present("argMax", x);
    checkDType("argMax", operand, numbers);
    checkAxis("argMax", axis, operand.shape.length);
    checkFlag("argMax", "keepDims", keepDims);
    if (at(operand.shape, axis) === 0)
      throw new ShapeError(
        "argMax",
        `axis ${axis} of ${showShape(operand.shape)} is empty`,
        "use an axis that is not empty",
      );
    return { shape: reducedShape(operand.shape, [axis], keepDims), dtype: "int32" };
  },
  vjp: () => [null],
});

/** Index (int32) of the first largest element along `axis` (default the last). NaN counts as largest. @throws ShapeError over nothing. */
export function argMax(x: TensorLike, axis = -1, { keepDims = false }: ReduceOptions = {}): Tensor {
  const tensor = asTensor(x, "argMax");
  return applyOne(argMaxOp, [tensor], { axis: normaliseAxis("argMax", axis, tensor.rank), keepDims });
}

/** Index (int32) of the first smallest element along `axis` (default the last). NaN counts as smallest. @throws ShapeError over nothing. */
export function argMin(x: TensorLike, axis = -1, options: ReduceOptions = {}): Tensor {
  return argMax(neg(x), axis, options);
}
