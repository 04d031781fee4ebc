// log.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { div } from "./div.ts";

export const logOp: Op = /* @__PURE__ */ defineUnary("log", { vjp: ({ dy, x }) => div(dy, x) });

/** The natural logarithm; NaN below 0. */
export function log(x: TensorLike): Tensor {
  return applyOne(logOp, [x], {});
}
