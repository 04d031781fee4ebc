// div.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";

export const divOp: Op = /* @__PURE__ */ defineBinary("div", {
  vjp: ({ dy, a, b, wanted }) => [wanted[0] ? div(dy, b) : null, wanted[1] ? neg(div(mul(dy, a), mul(b, b))) : null],
  allowed: ["float32"],
});

/** a / b, of floats. */
export function div(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(divOp, a, b);
}
