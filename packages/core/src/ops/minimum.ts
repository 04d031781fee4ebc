// minimum.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { add } from "./add.ts";
import { equal } from "./equal.ts";
import { less } from "./less.ts";
import { mul } from "./mul.ts";
import { where } from "./where.ts";

export const minimumOp: Op = /* @__PURE__ */ defineBinary("minimum", {
  vjp: ({ dy, a, b, wanted }) => {
    const shared = where(equal(a, b), mul(dy, 0.5), 0);
    return [
      wanted[0] ? add(where(less(a, b), dy, 0), shared) : null,
      wanted[1] ? add(where(less(b, a), dy, 0), shared) : null,
    ];
  },
});

/** The smaller of a and b; NaN when either is. Where they are equal each gets half the gradient, as in PyTorch. */
export function minimum(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(minimumOp, a, b);
}
