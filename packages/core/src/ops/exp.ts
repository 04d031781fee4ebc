// exp.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { mul } from "./mul.ts";

export const expOp: Op = /* @__PURE__ */ defineUnary("exp", { vjp: ({ dy, y }) => mul(dy, y) });

/** e to the power x. */
export function exp(x: TensorLike): Tensor {
  return applyOne(expOp, [x], {});
}
