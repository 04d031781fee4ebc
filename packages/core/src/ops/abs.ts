// abs.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { sign } from "./sign.ts";

export const absOp: Op = /* @__PURE__ */ defineUnary("abs", { vjp: ({ dy, x }) => mul(dy, sign(x)), allowed: numbers });

/** The absolute value. Its gradient at 0 is 0. */
export function abs(x: TensorLike): Tensor {
  return applyOne(absOp, [x], {});
}
