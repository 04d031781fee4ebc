// tanh.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";

export const tanhOp: Op = /* @__PURE__ */ defineUnary("tanh", { vjp: ({ dy, y }) => mul(dy, sub(1, mul(y, y))) });

/** The hyperbolic tangent. */
export function tanh(x: TensorLike): Tensor {
  return applyOne(tanhOp, [x], {});
}
