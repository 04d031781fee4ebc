// The logistic function.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { defineUnary } from "./support/elementwise.ts";
import { exp } from "./exp.ts";
import { less } from "./less.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

export const sigmoidOp: Op = /* @__PURE__ */ defineUnary("sigmoid", {
  vjp: ({ dy, y }) => mul(dy, mul(y, sub(1, y))),
  // exp only of what is not positive, so that nothing overflows and small results keep their digits.
  decompose(x) {
    const e = exp(neg(abs(x)));
    const q = div(1, add(e, 1));
    return where(less(x, 0), mul(e, q), q);
  },
});

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: TensorLike): Tensor {
  return applyOne(sigmoidOp, [x], {});
}
