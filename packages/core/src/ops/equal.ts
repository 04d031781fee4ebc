// equal and notEqual.
import type { TensorLike } from "../tensor/dispatch.ts";
import { comparable } from "../tensor/dtype.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { logicalNot } from "./logicalNot.ts";

export const equalOp: Op = /* @__PURE__ */ defineBinary("equal", { allowed: comparable, result: "bool" });

/** Whether a = b; NaN equals nothing. */
export function equal(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(equalOp, a, b);
}

/** Whether a differs from b; NaN differs from everything. */
export function notEqual(a: TensorLike | number, b: TensorLike | number): Tensor {
  return logicalNot(equal(a, b));
}
