// lessEqual and greaterEqual.
import type { TensorLike } from "../tensor/dispatch.ts";
import { comparable } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";

export const lessEqualOp: Op = /* @__PURE__ */ defineBinary("lessEqual", { allowed: comparable, result: "bool" });

/** Whether a <= b; false with NaN. */
export function lessEqual(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(lessEqualOp, a, b);
}

/** Whether a >= b; false with NaN. */
export function greaterEqual(a: TensorLike | number, b: TensorLike | number): Tensor {
  return lessEqual(b, a);
}
