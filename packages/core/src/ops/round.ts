// Rounding to the nearest whole number, halves to even.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { defineUnary } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { floor } from "./floor.ts";
import { less } from "./less.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

export const roundOp: Op = /* @__PURE__ */ defineUnary("round", {
  vjp: null,
  decompose(x) {
    const below = floor(x);
    const rest = sub(x, below);
    const even = mul(floor(mul(x, 0.5)), 2); // the even one of the two whole numbers around a half is at or above `even`
    const halfway = where(equal(below, even), below, add(below, 1));
    // Infinities have no rest (inf - inf is NaN): they fall to `below`.
    return where(equal(rest, 0.5), halfway, where(less(0.5, rest), add(below, 1), below));
  },
});

/** The nearest whole number; a half goes to the even one. Its gradient is 0. */
export function round(x: TensorLike): Tensor {
  return applyOne(roundOp, [x], {});
}
