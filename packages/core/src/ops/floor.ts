// floor.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineUnary } from "./support/elementwise.ts";

export const floorOp: Op = /* @__PURE__ */ defineUnary("floor", { vjp: null });

/** The largest whole number not above x. Its gradient is 0. */
export function floor(x: TensorLike): Tensor {
  return applyOne(floorOp, [x], {});
}
