// exp(x) - 1, exact also near 0.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { defineUnary } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { exp } from "./exp.ts";
import { less } from "./less.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

export const expm1Op: Op = /* @__PURE__ */ defineUnary("expm1", {
  vjp: ({ dy, y }) => mul(dy, add(y, 1)),
  // Kahan: (u - 1) x / log u, where u = exp x, corrects the rounding of u near 1.
  decompose(x) {
    const u = exp(x);
    const lost = sub(u, 1);
    const near = less(abs(x), 1);
    return where(near, where(equal(lost, 0), x, div(mul(lost, x), log(u))), lost);
  },
});

/** exp(x) - 1, accurate for small x. */
export function expm1(x: TensorLike): Tensor {
  return applyOne(expm1Op, [x], {});
}
