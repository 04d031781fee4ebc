// Losses that ask for a margin. Where the margin is met, loss and gradient are 0.
import {
  ShapeError,
  type Tensor,
  at,
  div,
  equal,
  iota,
  mean,
  mul,
  neg,
  pow,
  reshape,
  showShape,
  square,
  sub,
  sum,
  where,
} from "@stria/core";
import { logSigmoid, softplus } from "../activations/smooth.ts";
import { atLeast } from "../clamp.ts";
import { checkLabels } from "./labels.ts";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

export interface MarginOptions extends LossOptions {
  /** Default 1. */
  readonly margin?: number;
}

/** max(0, margin - target x) for targets of -1 and 1 (Cortes & Vapnik 1995). @throws ShapeError. */
export function hingeLoss(x: Tensor, target: Tensor, { margin = 1, reduction = "mean" }: MarginOptions = {}): Tensor {
  checkSameShape("hingeLoss", x.shape, target.shape);
  return reduce(atLeast(sub(margin, mul(target, x)), 0), reduction);
}

/** max(0, margin - target x)^2 for targets of -1 and 1. @throws ShapeError. */
export function squaredHingeLoss(x: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  return reduce(square(hingeLoss(x, target, { ...options, reduction: "none" })), options.reduction ?? "mean");
}

/** log(1 + exp(-target x)) for targets of -1 and 1. @throws ShapeError. */
export function softMarginLoss(x: Tensor, target: Tensor, { reduction = "mean" }: LossOptions = {}): Tensor {
  checkSameShape("softMarginLoss", x.shape, target.shape);
  return reduce(softplus(neg(mul(target, x))), reduction);
}

/** x where the target is 1, max(0, margin - x) where it is -1: for distances of what is alike and what is not. @throws ShapeError. */
export function hingeEmbeddingLoss(
  x: Tensor,
  target: Tensor,
  { margin = 1, reduction = "mean" }: MarginOptions = {},
): Tensor {
  checkSameShape("hingeEmbeddingLoss", x.shape, target.shape);
  return reduce(where(equal(target, 1), x, atLeast(sub(margin, x), 0)), reduction);
}

/** max(0, margin - target (a - b)): with target 1 a should be larger, with -1 b. `margin` is 0 by default. @throws ShapeError. */
export function marginRankingLoss(
  a: Tensor,
  b: Tensor,
  target: Tensor,
  { margin = 0, reduction = "mean" }: MarginOptions = {},
): Tensor {
  checkSameShape("marginRankingLoss", a.shape, b.shape);
  checkSameShape("marginRankingLoss", a.shape, target.shape);
  return reduce(atLeast(sub(margin, mul(target, sub(a, b))), 0), reduction);
}

export interface MultiMarginOptions extends MarginOptions {
  /** Exponent, 1 or 2. Default 1. */
  readonly order?: number;
  /** Weight of each class, [classes]. */
  readonly weight?: Tensor;
}

/**
 * sum over the other classes c of max(0, margin - x[label] + x[c])^order / classes: scores [N, classes] with labels [N] (Crammer & Singer 2001).
 * @throws ShapeError; for labels out of range that are on the host AttributeError.
 */
export function multiMarginLoss(scores: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const { margin = 1, order = 1, weight, reduction = "mean" } = options;
  if (scores.rank !== 2)
    throw new ShapeError("multiMarginLoss", `the scores are ${showShape(scores.shape)}`, "give [N, classes]");
  const [batch, classes] = [at(scores.shape, 0), at(scores.shape, 1)];
  checkSameShape("multiMarginLoss", [batch], target.shape);
  const { labels } = checkLabels("multiMarginLoss", target, classes, undefined);
  const chosen = equal(iota(scores.shape, 1), reshape(labels, [batch, 1]));
  const right = sum(where(chosen, scores, 0), 1, { keepDims: true });
  const over = pow(where(chosen, 0, atLeast(sub(scores, sub(right, margin)), 0)), order);
  const weighted = weight ? mul(over, sum(where(chosen, weight, 0), 1, { keepDims: true })) : over;
  return reduce(div(sum(weighted, 1), classes), reduction);
}

export interface MultilabelSoftMarginOptions extends LossOptions {
  /** Weight of each class, [classes]. */
  readonly weight?: Tensor;
}

/** The mean over the classes of the binary cross-entropies of logits x [..., classes] with targets of 0 and 1. @throws ShapeError. */
export function multilabelSoftMarginLoss(
  x: Tensor,
  target: Tensor,
  { weight, reduction = "mean" }: MultilabelSoftMarginOptions = {},
): Tensor {
  checkSameShape("multilabelSoftMarginLoss", x.shape, target.shape);
  const terms = neg(mul(target, logSigmoid(x)).add(mul(sub(1, target), logSigmoid(neg(x)))));
  return reduce(mean(weight ? mul(terms, weight) : terms, -1), reduction);
}
