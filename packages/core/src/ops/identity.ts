// identity and stopGradient: they exist in traces only, where they make a value a different one; a pass removes them.
import { at } from "../aval.ts";
import { type TensorLike, applyOne } from "../dispatch.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";

export const identityOp: Op = /* @__PURE__ */ defineOp("identity", { infer: ([x]) => (x ? x : []), vjp: ({ dy }) => [dy] });

export const stopGradientOp: Op = /* @__PURE__ */ defineOp("stopGradient", { infer: ([x]) => (x ? x : []), vjp: () => [null], decompose: (x) => at(x, 0) });

/** The same value under another name. */
export function identity(x: TensorLike): Tensor {
  return applyOne(identityOp, [x], {});
}

/** The same value, constant for differentiation. */
export function stopGradient(x: TensorLike): Tensor {
  return applyOne(stopGradientOp, [x], {});
}
