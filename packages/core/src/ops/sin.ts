// sin.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { cos } from "./cos.ts";
import { mul } from "./mul.ts";

export const sinOp: Op = /* @__PURE__ */ defineUnary("sin", { vjp: ({ dy, x }) => mul(dy, cos(x)) });

/** The sine of x radians. */
export function sin(x: TensorLike): Tensor {
  return applyOne(sinOp, [x], {});
}
