// Between bounds.
import { type Tensor, lessEqual, where } from "@stria/core";

/** At least `low`; where it is met the gradient is 0, as PyTorch's clamp has it. NaN stays. */
export function atLeast(x: Tensor, low: number): Tensor {
  return where(lessEqual(x, low), low, x);
}

/** From `low` to `high`; at a bound the gradient is 0. NaN stays. */
export function clamp(x: Tensor, low: number, high: number): Tensor {
  const raised = atLeast(x, low);
  return where(lessEqual(high, raised), high, raised);
}
