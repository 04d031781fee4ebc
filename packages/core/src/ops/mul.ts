// mul and square.
import { type TensorLike, asTensor } from "../tensor/dispatch.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, defineBinary } from "./support/elementwise.ts";

export const mulOp: Op = /* @__PURE__ */ defineBinary("mul", {
  vjp: ({ dy, a, b, wanted }) => [wanted[0] ? mul(dy, b) : null, wanted[1] ? mul(dy, a) : null],
});

/** a * b, element by element. */
export function mul(a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(mulOp, a, b);
}

/** x * x. */
export function square(x: TensorLike): Tensor {
  const tensor = asTensor(x, "square");
  return mul(tensor, tensor);
}
