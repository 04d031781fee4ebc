// neg.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import { numbers } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";

export const negOp: Op = /* @__PURE__ */ defineUnary("neg", { vjp: ({ dy }) => neg(dy), allowed: numbers });

/** -x. */
export function neg(x: TensorLike): Tensor {
  return applyOne(negOp, [x], {});
}
