// Powers, as C's pow.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { less } from "./less.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { where } from "./where.ts";

export const powOp: Op = /* @__PURE__ */ defineBinary("pow", {
  vjp: ({ dy, a, b, y, wanted }) => [
    wanted[0] ? where(equal(b, 0), 0, mul(dy, mul(b, pow(a, sub(b, 1))))) : null,
    // The derivative by the exponent, y log a, tends to 0 at base 0 for exponents above 0, and so PyTorch has it for exponent 0 too.
    wanted[1] ? mul(dy, where(equal(a, 0), where(less(b, 0), mul(y, log(a)), 0), mul(y, log(a)))) : null,
  ],
  allowed: ["float32"],
});

/** a to the power b. 0 ** 0 and 1 ** NaN are 1; a negative base with a fractional exponent is NaN. */
export function pow(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(powOp, a, b);
}
