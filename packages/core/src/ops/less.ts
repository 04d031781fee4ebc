// less and greater.
import { type TensorLike, applyOne } from "../dispatch.ts";
import { dtypes } from "../dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { defineBinary, operands } from "./elementwise.ts";

export const lessOp: Op = /* @__PURE__ */ defineBinary("less", { allowed: dtypes, result: "bool" });

/** Whether a < b; false with NaN. */
export function less(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyOne(lessOp, operands("less", a, b), {});
}

/** Whether a > b; false with NaN. */
export function greater(a: TensorLike | number, b: TensorLike | number): Tensor {
  return less(b, a);
}
