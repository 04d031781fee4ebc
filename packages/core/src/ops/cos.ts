// cos.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sin } from "./sin.ts";

export const cosOp: Op = /* @__PURE__ */ defineUnary("cos", { vjp: ({ dy, x }) => neg(mul(dy, sin(x))) });

/** The cosine of x radians. */
export function cos(x: TensorLike): Tensor {
  return applyOne(cosOp, [x], {});
}
