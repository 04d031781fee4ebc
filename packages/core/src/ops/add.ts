// add.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";

export const addOp: Op = /* @__PURE__ */ defineBinary("add", { vjp: ({ dy }) => [dy, dy] });

/** a + b. */
export function add(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(addOp, a, b);
}
