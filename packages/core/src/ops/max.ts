// Extremes.
import { at, normaliseAxes, reducedShape, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { div } from "./div.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reshape } from "./reshape.ts";
import { checkAxes, checkFlag } from "./support/shape-rules.ts";
import { type ReduceAttrs, type ReduceOptions, sum } from "./sum.ts";

export const maxOp: Op<ReduceAttrs> = /* @__PURE__ */ defineOp<ReduceAttrs>("max", {
  infer([x], { axes, keepDims }) {
    const operand = present("max", x);
    checkDType("max", operand, numbers);
    checkAxes("max", axes, operand.shape.length);
    checkFlag("max", "keepDims", keepDims);
    for (const axis of axes)
      if (operand.shape[axis] === 0)
        throw new ShapeError(
          "max",
          `axis ${axis} of ${showShape(operand.shape)} is empty, and nothing has no maximum`,
          "reduce over axes that are not empty",
        );
    return { shape: reducedShape(operand.shape, axes, keepDims), dtype: operand.dtype };
  },
  // Ties share the gradient equally, as in PyTorch's amax.
  vjp({ dy, inputs, outputs, attrs }) {
    const x = at(inputs, 0);
    const kept = reducedShape(x.shape, attrs.axes, true);
    const winners = cast(equal(x, reshape(at(outputs, 0), kept)), "float32");
    return [mul(reshape(dy, kept), div(winners, sum(winners, attrs.axes, { keepDims: true })))];
  },
});

/** The largest element over `axes` (all when not given). NaN wins. @throws ShapeError over nothing. */
export function max(
  x: TensorLike,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  const tensor = asTensor(x, "max");
  return applyOne(maxOp, [tensor], { axes: normaliseAxes("max", axes, tensor.rank), keepDims });
}

/** The smallest element over `axes` (all when not given). NaN wins. @throws ShapeError over nothing. */
export function min(x: TensorLike, axes?: number | readonly number[], options: ReduceOptions = {}): Tensor {
  return neg(max(neg(x), axes, options));
}
