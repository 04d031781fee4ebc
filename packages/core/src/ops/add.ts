// add.
import { type TensorLike, applyOne } from "../dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { defineBinary, operands } from "./elementwise.ts";

export const addOp: Op = /* @__PURE__ */ defineBinary("add", { vjp: ({ dy }) => [dy, dy] });

/** a + b. */
export function add(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyOne(addOp, operands("add", a, b), {});
}
