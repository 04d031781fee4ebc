// sub.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";
import { neg } from "./neg.ts";

export const subOp: Op = /* @__PURE__ */ defineBinary("sub", { vjp: ({ dy }) => [dy, neg(dy)] });

/** a - b. */
export function sub(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(subOp, a, b);
}
