// erf.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const erfOp: Op = /* @__PURE__ */ defineUnary("erf", {
  vjp: ({ dy, x }) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
});

/** The error function. */
export function erf(x: TensorLike): Tensor {
  return applyOne(erfOp, [x], {});
}
