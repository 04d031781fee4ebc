// Softmax and its logarithm.
import { at, normaliseAxis } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { div } from "./div.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { exp } from "./exp.ts";
import { stopGradient } from "./identity.ts";
import { log } from "./log.ts";
import { max } from "./max.ts";
import { mul } from "./mul.ts";
import { checkAxis } from "./support/shape-rules.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";

export interface AxisAttrs {
  readonly axis: number;
}

/** x minus its maximum along the axis: no exponential overflows. */
function shifted(x: Tensor, axis: number): Tensor {
  return at(x.shape, axis) === 0 ? x : sub(x, stopGradient(max(x, axis, { keepDims: true })));
}

export const softmaxOp: Op<AxisAttrs> = /* @__PURE__ */ defineOp<AxisAttrs>("softmax", {
  infer([x], { axis }) {
    const operand = present("softmax", x);
    checkDType("softmax", operand, floats);
    checkAxis("softmax", axis, operand.shape.length);
    return operand;
  },
  vjp({ dy, outputs, attrs: { axis } }) {
    const y = at(outputs, 0);
    return [mul(y, sub(dy, sum(mul(dy, y), axis, { keepDims: true })))];
  },
  decompose([x], { axis }) {
    const e = exp(shifted(present("softmax", x), axis));
    return div(e, sum(e, axis, { keepDims: true }));
  },
});

export const logSoftmaxOp: Op<AxisAttrs> = /* @__PURE__ */ defineOp<AxisAttrs>("logSoftmax", {
  infer: (inputs, attrs) => softmaxOp.infer(inputs, attrs),
  vjp({ dy, outputs, attrs: { axis } }) {
    return [sub(dy, mul(exp(at(outputs, 0)), sum(dy, axis, { keepDims: true })))];
  },
  decompose([x], { axis }) {
    const rest = shifted(present("logSoftmax", x), axis);
    return sub(rest, log(sum(exp(rest), axis, { keepDims: true })));
  },
});

/** exp(x) / sum exp(x) along `axis` (default the last). */
export function softmax(x: TensorLike, axis = -1): Tensor {
  const tensor = asTensor(x, "softmax");
  return applyOne(softmaxOp, [tensor], { axis: normaliseAxis("softmax", axis, tensor.rank) });
}

/** The logarithm of softmax along `axis` (default the last), without its underflow. */
export function logSoftmax(x: TensorLike, axis = -1): Tensor {
  const tensor = asTensor(x, "logSoftmax");
  return applyOne(logSoftmaxOp, [tensor], { axis: normaliseAxis("logSoftmax", axis, tensor.rank) });
}
