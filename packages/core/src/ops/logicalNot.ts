// Negation of conditions.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";

export const logicalNotOp: Op = /* @__PURE__ */ defineUnary("logicalNot", { vjp: null, allowed: ["bool"] });

/** Whether x is false. */
export function logicalNot(x: TensorLike): Tensor {
  return applyOne(logicalNotOp, [x], {});
}
