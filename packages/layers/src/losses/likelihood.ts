// Divergence of distributions, and likelihoods of Gaussian and Poisson distributions.
import { type Tensor, add, at, div, exp, greater, less, log, mul, square, sub, sum, where } from "@stria/core";
import { atLeast } from "../clamp.ts";
import { type LossOptions, type Reduction, checkSameShape, reduce } from "./reduction.ts";

export interface KlDivergenceOptions {
  /** "batchMean" divides the sum by the length of the first axis: the mathematical value, a mean over the examples. Default "mean". */
  readonly reduction?: Reduction | "batchMean";
  /** Whether the target is given as logarithms. Default false. */
  readonly logTarget?: boolean;
}

/**
 * target (log target - x), elementwise, for log probabilities x: the divergence of the target from the prediction (Kullback & Leibler 1951).
 * As in PyTorch the default "mean" divides by all elements. @throws ShapeError.
 */
export function klDivergence(
  logProbabilities: Tensor,
  target: Tensor,
  { reduction = "mean", logTarget = false }: KlDivergenceOptions = {},
): Tensor {
  checkSameShape("klDivergence", logProbabilities.shape, target.shape);
  let losses: Tensor;
  if (logTarget) losses = mul(exp(target), sub(target, logProbabilities));
  else {
    const positive = less(0, target); // 0 log 0 is 0
    losses = sub(mul(target, log(where(positive, target, 1))), mul(target, logProbabilities));
  }
  return reduction === "batchMean" ? div(sum(losses), at(losses.shape, 0)) : reduce(losses, reduction);
}

export interface LikelihoodOptions extends LossOptions {
  /** Whether what does not depend on the prediction is added. Default false. */
  readonly full?: boolean;
  /** What keeps logarithm and quotient finite. Default 1e-6 (Gaussian), 1e-8 (Poisson). */
  readonly epsilon?: number;
}

/**
 * (log v + (x - target)^2 / v) / 2 for a predicted mean x and variance, v = max(variance, epsilon) (Nix & Weigend 1994). `variance` broadcasts.
 * @throws ShapeError.
 */
export function gaussianNllLoss(
  x: Tensor,
  target: Tensor,
  variance: Tensor,
  { full = false, epsilon = 1e-6, reduction = "mean" }: LikelihoodOptions = {},
): Tensor {
  checkSameShape("gaussianNllLoss", x.shape, target.shape);
  const spread = atLeast(variance, epsilon);
  const losses = mul(add(log(spread), div(square(sub(x, target)), spread)), 0.5);
  return reduce(full ? add(losses, 0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}

export interface PoissonOptions extends LikelihoodOptions {
  /** Whether x is the logarithm of the rate. Default true. */
  readonly logInput?: boolean;
}

/**
 * exp(x) - target x for counts whose rate is exp(x); with `logInput: false` x - target log(x + epsilon) for the rate x. `full` adds Stirling's
 * approximation of log(target!). @throws ShapeError.
 */
export function poissonNllLoss(
  x: Tensor,
  target: Tensor,
  { logInput = true, full = false, epsilon = 1e-8, reduction = "mean" }: PoissonOptions = {},
): Tensor {
  checkSameShape("poissonNllLoss", x.shape, target.shape);
  const losses = logInput ? sub(exp(x), mul(target, x)) : sub(x, mul(target, log(add(x, epsilon))));
  if (!full) return reduce(losses, reduction);
  const large = greater(target, 1);
  const safe = where(large, target, 1);
  const stirling = add(sub(mul(target, log(safe)), target), mul(log(mul(safe, 2 * Math.PI)), 0.5));
  return reduce(add(losses, where(large, stirling, 0)), reduction);
}
