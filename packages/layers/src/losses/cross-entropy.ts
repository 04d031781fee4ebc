// Cross-entropy of logits, with class labels or class probabilities.
import {
  AttributeError,
  ShapeError,
  type Tensor,
  at,
  cast,
  div,
  logSoftmax,
  mean,
  mul,
  neg,
  ones,
  reshape,
  sameShape,
  showShape,
  softmaxCrossEntropy,
  sum,
  where,
} from "@stria/core";
import { alongClasses, atLabels, checkLabels } from "./labels.ts";
import { type LossOptions, type Reduction, reduce } from "./reduction.ts";

export interface ClassLossOptions extends LossOptions {
  /** Weight of each class, [classes]. */
  readonly weight?: Tensor;
  /** Label of what is not counted. Default none. */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends ClassLossOptions {
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016). Default 0. */
  readonly labelSmoothing?: number;
}

const name = "crossEntropy";

/**
 * -log softmax(logits) of the target: logits [N, classes, ...] (or [classes]) with labels [N, ...] (int32 or uint8), or with class probabilities
 * of the logits' shape (float32).
 *
 * As in PyTorch, "mean" divides by the sum of the labels' weights; with probabilities by the number of predictions.
 * @throws ShapeError, AttributeError; for labels out of range that are on the host AttributeError before the run, for others the loss is NaN.
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight, labelSmoothing = 0, ignoreIndex, reduction = "mean" } = options;
  if (!(typeof labelSmoothing === "number" && labelSmoothing >= 0 && labelSmoothing <= 1))
    throw new AttributeError(name, `labelSmoothing ${labelSmoothing} is not from 0 to 1`, "pass a share, such as 0.1");
  if (logits.rank === 0) throw new ShapeError(name, "the logits are a scalar", "give [N, classes, ...]");
  if (logits.rank === 1) {
    const one = crossEntropy(reshape(logits, [1, ...logits.shape]), reshape(target, [1, ...target.shape]), options);
    return reduction === "none" ? reshape(one, []) : one;
  }
  const classes = at(logits.shape, 1);
  if (weight && !sameShape(weight.shape, [classes]))
    throw new ShapeError(
      name,
      `weight is ${showShape(weight.shape)}`,
      `give one number for each of ${classes} classes`,
    );
  if (target.dtype === "float32" && sameShape(target.shape, logits.shape)) {
    if (ignoreIndex !== undefined)
      throw new AttributeError(
        name,
        "ignoreIndex has no meaning for class probabilities",
        "leave it out, or give labels",
      );
    return withProbabilities(logits, target, weight, labelSmoothing, reduction);
  }

  const { labels, known } = checkLabels(name, target, classes, ignoreIndex);
  let losses = softmaxCrossEntropy(logits, labels);
  const labelWeight = weight && atLabels(alongClasses(weight, logits.rank), labels, classes);
  if (labelWeight) losses = mul(losses, labelWeight);
  if (labelSmoothing > 0) {
    const all = mul(logSoftmax(logits, 1), weight ? alongClasses(weight, logits.rank) : 1);
    losses = losses.mul(1 - labelSmoothing).sub(sum(all, 1).mul(labelSmoothing / classes));
  }
  if (known) losses = where(known, losses, 0);
  if (reduction !== "mean" || (!known && !labelWeight)) return reduce(losses, reduction);
  const counted = labelWeight ?? ones(losses.shape);
  return div(sum(losses), sum(known ? mul(counted, cast(known, "float32")) : counted));
}

function withProbabilities(
  logits: Tensor,
  probabilities: Tensor,
  weight: Tensor | undefined,
  labelSmoothing: number,
  reduction: Reduction,
): Tensor {
  const classes = at(logits.shape, 1);
  const target =
    labelSmoothing === 0 ? probabilities : probabilities.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const terms = mul(target, logSoftmax(logits, 1));
  const losses = neg(sum(weight ? mul(terms, alongClasses(weight, logits.rank)) : terms, 1));
  return reduction === "mean" ? mean(losses) : reduce(losses, reduction);
}
