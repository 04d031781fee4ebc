// Smooth activations.
import {
  type Tensor,
  abs,
  add,
  div,
  erf,
  exp,
  greater,
  log1p,
  minimum,
  mul,
  neg,
  pow,
  sigmoid,
  softplus as smoothRectifier,
  sub,
  tanh,
  where,
} from "@stria/core";

export interface SoftplusOptions {
  /** Sharpness of the bend. Default 1. */
  readonly beta?: number;
  /** Where beta x is above it, the result is x itself. Default 20. */
  readonly threshold?: number;
}

/** log(1 + exp(beta x)) / beta (Dugas et al. 2000). */
export function softplus(x: Tensor, { beta = 1, threshold = 20 }: SoftplusOptions = {}): Tensor {
  const linear = greater(mul(x, beta), threshold);
  return where(linear, x, div(smoothRectifier(mul(where(linear, 0, x), beta)), beta));
}

/** log(1 / (1 + exp(-x))), exact on both sides. */
export function logSigmoid(x: Tensor): Tensor {
  return sub(minimum(x, 0), log1p(exp(neg(abs(x)))));
}

/** x / (1 + |x|) (Bergstra et al. 2009). */
export function softsign(x: Tensor): Tensor {
  return div(x, add(abs(x), 1));
}

/** x P(Z <= x) for Z of the standard normal distribution: x (1 + erf(x / sqrt 2)) / 2 (Hendrycks & Gimpel 2016). */
export function gelu(x: Tensor): Tensor {
  return mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
}

/** {@link gelu}, approximately: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
export function geluTanh(x: Tensor): Tensor {
  const inner = mul(add(x, mul(pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** x / (1 + exp(-x)), also called swish (Hendrycks & Gimpel 2016; Ramachandran, Zoph & Le 2017). */
export function silu(x: Tensor): Tensor {
  return mul(x, sigmoid(x));
}

/** x tanh(log(1 + exp(x))) (Misra 2019). */
export function mish(x: Tensor): Tensor {
  return mul(x, tanh(softplus(x)));
}
