// The rectifier (Nair & Hinton 2010; Fukushima 1969).
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";
import { less } from "./less.ts";
import { maximum } from "./maximum.ts";
import { where } from "./where.ts";

export const reluOp: Op = /* @__PURE__ */ defineUnary("relu", {
  vjp: ({ dy, y }) => where(less(0, y), dy, 0),
  decompose: (x) => maximum(x, 0),
});

/** max(x, 0); NaN stays NaN. Its gradient at 0 is 0. */
export function relu(x: TensorLike): Tensor {
  return applyOne(reluOp, [x], {});
}
