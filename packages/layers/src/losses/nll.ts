// The negative log likelihood.
import { ShapeError, type Tensor, at, cast, div, mul, neg, ones, sum, where } from "@stria/core";
import type { ClassLossOptions } from "./cross-entropy.ts";
import { alongClasses, atLabels, checkLabels } from "./labels.ts";
import { reduce } from "./reduction.ts";

/**
 * -logProbabilities at the label: [N, classes, ...] (from `logSoftmax(x, 1)`) with labels [N, ...] (int32 or uint8).
 * "mean" divides by the sum of the labels' weights.
 * @throws ShapeError; for labels out of range that are on the host AttributeError.
 */
export function nllLoss(logProbabilities: Tensor, target: Tensor, options: ClassLossOptions = {}): Tensor {
  const { weight, ignoreIndex, reduction = "mean" } = options;
  if (logProbabilities.rank < 2)
    throw new ShapeError("nllLoss", "log probabilities have fewer than two axes", "give [N, classes, ...]");
  const classes = at(logProbabilities.shape, 1);
  const { labels, known } = checkLabels("nllLoss", target, classes, ignoreIndex);
  const labelWeight = weight && atLabels(alongClasses(weight, logProbabilities.rank), labels, classes);
  let losses = neg(atLabels(logProbabilities, labels, classes));
  if (labelWeight) losses = mul(losses, labelWeight);
  if (known) losses = where(known, losses, 0);
  if (reduction !== "mean" || (!known && !labelWeight)) return reduce(losses, reduction);
  const counted = labelWeight ?? ones(losses.shape);
  return div(sum(losses), sum(known ? mul(counted, cast(known, "float32")) : counted));
}
