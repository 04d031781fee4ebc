// sqrt.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";

export const sqrtOp: Op = /* @__PURE__ */ defineUnary("sqrt", { vjp: ({ dy, y }) => div(dy, mul(y, 2)) });

/** The square root; NaN below 0. */
export function sqrt(x: TensorLike): Tensor {
  return applyOne(sqrtOp, [x], {});
}
