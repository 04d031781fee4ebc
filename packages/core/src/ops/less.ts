// less and greater.
import type { TensorLike } from "../tensor/dispatch.ts";
import { comparable } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";

export const lessOp: Op = /* @__PURE__ */ defineBinary("less", { allowed: comparable, result: "bool" });

/** Whether a < b; false with NaN. */
export function less(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(lessOp, a, b);
}

/** Whether a > b; false with NaN. */
export function greater(a: TensorLike | number, b: TensorLike | number): Tensor {
  return less(b, a);
}
