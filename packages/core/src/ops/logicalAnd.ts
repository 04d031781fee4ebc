// Conjunction of conditions, and what follows from it.
import { type TensorLike, applyOne } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { defineBinary } from "./support/elementwise.ts";
import { logicalNot } from "./logicalNot.ts";

export const logicalAndOp: Op = /* @__PURE__ */ defineBinary("logicalAnd", { allowed: ["bool"] });

/** Whether a and b are both true. */
export function logicalAnd(a: TensorLike, b: TensorLike): Tensor {
  return applyOne(logicalAndOp, [a, b], {});
}

/** Whether a or b is true. */
export function logicalOr(a: TensorLike, b: TensorLike): Tensor {
  return logicalNot(logicalAnd(logicalNot(a), logicalNot(b)));
}
