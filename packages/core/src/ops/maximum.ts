// maximum.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { add } from "./add.ts";
import { equal } from "./equal.ts";
import { less } from "./less.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

export const maximumOp: Op = /* @__PURE__ */ defineBinary("maximum", {
  vjp: ({ dy, a, b, wanted }) => {
    const shared = where(equal(a, b), mul(dy, 0.5), 0);
    return [
      wanted[0] ? add(where(less(b, a), dy, 0), shared) : null,
      wanted[1] ? add(where(less(a, b), dy, 0), shared) : null,
    ];
  },
});

/** The larger of a and b; NaN when either is. Where they are equal each gets half the gradient, as in PyTorch. */
export function maximum(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(maximumOp, a, b);
}
