// identity and stopGradient: they exist in traces only, where they make a value a different one; a pass removes them.
import { at } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { currentTrace } from "../trace/trace.ts";

export const identityOp: Op = /* @__PURE__ */ defineOp("identity", {
  infer: ([x]) => x ?? [],
  vjp: ({ dy }) => [dy],
  decompose: (x) => at(x, 0),
});

export const stopGradientOp: Op = /* @__PURE__ */ defineOp("stopGradient", {
  infer: ([x]) => x ?? [],
  vjp: () => [null],
  decompose: (x) => at(x, 0),
});

/** The same value under another name; in a trace always a new value of it, also for a tensor that is captured. */
export function identity(x: TensorLike): Tensor {
  const tensor = asTensor(x, "identity");
  const trace = currentTrace();
  return trace ? at(trace.append(identityOp, [tensor], {}), 0) : tensor;
}

/** The same value, constant for differentiation. */
export function stopGradient(x: TensorLike): Tensor {
  return applyOne(stopGradientOp, [x], {});
}
