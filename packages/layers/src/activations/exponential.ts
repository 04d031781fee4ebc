// Exponential linear units. The branch that is not taken gets a harmless argument: 0 * inf would be NaN in the gradient.
import { type Tensor, div, expm1, greater, mul, where } from "@stria/core";

/** x above 0, else scale (exp(x / width) - 1). */
function exponential(x: Tensor, scale: number, width: number): Tensor {
  const positive = greater(x, 0);
  const below = where(positive, 0, x);
  return where(positive, x, mul(expm1(width === 1 ? below : div(below, width)), scale));
}

/** x above 0, else alpha (exp(x) - 1) (Clevert, Unterthiner & Hochreiter 2015). */
export function elu(x: Tensor, alpha = 1): Tensor {
  return exponential(x, alpha, 1);
}

/** x above 0, else alpha (exp(x / alpha) - 1): differentiable for every alpha (Barron 2017). */
export function celu(x: Tensor, alpha = 1): Tensor {
  return exponential(x, alpha, alpha);
}

/** 1.0507... elu(x, 1.6732...), which drives activations to mean 0 and variance 1 (Klambauer et al. 2017). */
export function selu(x: Tensor): Tensor {
  return mul(exponential(x, 1.6732632423543772, 1), 1.0507009873554805);
}
