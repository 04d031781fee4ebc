// sign.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";

export const signOp: Op = /* @__PURE__ */ defineUnary("sign", { vjp: null, allowed: numbers });

/** -1, 0 or 1. Its gradient is 0. */
export function sign(x: TensorLike): Tensor {
  return applyOne(signOp, [x], {});
}
