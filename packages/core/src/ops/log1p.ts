// log(1 + x), exact also near 0.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { defineUnary } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

export const log1pOp: Op = /* @__PURE__ */ defineUnary("log1p", {
  vjp: ({ dy, x }) => div(dy, add(x, 1)),
  // Kahan: what rounding 1 + x lost is made good by the quotient.
  decompose(x) {
    const u = add(x, 1);
    const lost = sub(u, 1);
    const exact = equal(u, x); // infinity, and what is too large for the 1 to matter
    return where(equal(lost, 0), x, where(exact, log(u), div(mul(log(u), x), lost)));
  },
});

/** log(1 + x), accurate for small x; NaN below -1. */
export function log1p(x: TensorLike): Tensor {
  return applyOne(log1pOp, [x], {});
}
