// Binary cross-entropy, of logits and of probabilities.
import { type Tensor, abs, add, exp, log, log1p, maximum, mul, neg, sub } from "@stria/core";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Weight of each element; broadcasts. */
  readonly weight?: Tensor;
}

export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** Weight of the positive class; broadcasts. */
  readonly positiveWeight?: Tensor;
}

/**
 * -(w y log s(x) + (1 - y) log(1 - s(x))) for logits x, targets y from 0 to 1 of the same shape, the logistic function s and the positive weight w.
 * Nothing overflows.
 * @throws ShapeError.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  { weight, positiveWeight, reduction = "mean" }: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  checkSameShape("binaryCrossEntropyWithLogits", logits.shape, target.shape);
  // softplus(-x) = -log s(x), of which the exponential is never of something positive
  const softplus = add(maximum(neg(logits), 0), log1p(exp(neg(abs(logits)))));
  const factor = positiveWeight ? add(mul(sub(positiveWeight, 1), target), 1) : undefined;
  const losses = add(mul(sub(1, target), logits), factor ? mul(factor, softplus) : softplus);
  return reduce(weight ? mul(losses, weight) : losses, reduction);
}

/**
 * -(y log p + (1 - y) log(1 - p)) for probabilities p and targets y from 0 to 1 of the same shape; logarithms are at least -100, as in PyTorch.
 * Prefer {@link binaryCrossEntropyWithLogits}, which loses no digits.
 * @throws ShapeError.
 */
export function binaryCrossEntropy(
  probabilities: Tensor,
  target: Tensor,
  { weight, reduction = "mean" }: BinaryCrossEntropyOptions = {},
): Tensor {
  checkSameShape("binaryCrossEntropy", probabilities.shape, target.shape);
  const yes = mul(target, maximum(log(probabilities), -100));
  const no = mul(sub(1, target), maximum(log(sub(1, probabilities)), -100));
  const losses = neg(add(yes, no));
  return reduce(weight ? mul(losses, weight) : losses, reduction);
}
