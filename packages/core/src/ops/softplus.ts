// Softplus, the smooth rectifier (Dugas et al. 2000).
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { abs } from "./abs.ts";
import { add } from "./add.ts";
import { exp } from "./exp.ts";
import { log1p } from "./log1p.ts";
import { maximum } from "./maximum.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sigmoid } from "./sigmoid.ts";
import { defineUnary } from "./support/elementwise.ts";

export const softplusOp: Op = /* @__PURE__ */ defineUnary("softplus", {
  vjp: ({ dy, x }) => mul(dy, sigmoid(x)),
  // exp only of what is not positive, so that nothing overflows.
  decompose: (x) => add(maximum(x, 0), log1p(exp(neg(abs(x))))),
});

/** log(1 + exp(x)). */
export function softplus(x: TensorLike): Tensor {
  return applyOne(softplusOp, [x], {});
}
