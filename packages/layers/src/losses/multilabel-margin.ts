// The margin loss of examples that have several labels.
import {
  ShapeError,
  type Tensor,
  at,
  cast,
  div,
  equal,
  iota,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  min,
  reshape,
  showShape,
  sub,
  sum,
  where,
} from "@stria/core";
import { atLeast } from "../clamp.ts";
import { checkLabels } from "./labels.ts";
import { type LossOptions, checkSameShape, reduce } from "./reduction.ts";

/**
 * sum over the labels j and the other classes i of max(0, 1 - (x[j] - x[i])) / classes: every label should score 1 more than all that is no label. Scores
 * [N, classes] (or [classes]) with targets of that shape, whole numbers: a list of labels, which the first -1 ends. As PyTorch's `multilabel_margin_loss`.
 * @throws ShapeError; for labels out of range that are on the host AttributeError, for others the loss is NaN.
 */
export function multilabelMarginLoss(scores: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const { reduction = "mean" } = options;
  checkSameShape("multilabelMarginLoss", scores.shape, target.shape);
  if (scores.rank === 1) {
    const one = multilabelMarginLoss(reshape(scores, [1, scores.size]), reshape(target, [1, target.size]), options);
    return reduction === "none" ? reshape(one, []) : one;
  }
  if (scores.rank !== 2)
    throw new ShapeError("multilabelMarginLoss", `the scores are ${showShape(scores.shape)}`, "give [N, classes]");
  const [batch, classes] = [at(scores.shape, 0), at(scores.shape, 1)];
  const { labels, known } = checkLabels("multilabelMarginLoss", target, classes, -1);
  const place = iota(scores.shape, 1);
  const end = min(known ? where(known, classes, place) : place, 1, { keepDims: true });
  const listed = reshape(less(place, end), [batch, classes, 1]);

  // [N, labels, classes] from here on.
  const chosen = logicalAnd(listed, equal(reshape(place, [batch, 1, classes]), reshape(labels, [batch, classes, 1])));
  const all = reshape(scores, [batch, 1, classes]);
  const own = sum(where(chosen, all, 0), 2, { keepDims: true });
  const right = where(lessEqual(sum(cast(chosen, "int32"), 2, { keepDims: true }), 0), Number.NaN, own);
  const isLabel = less(0, sum(cast(chosen, "int32"), 1, { keepDims: true }));
  const counted = logicalAnd(listed, logicalNot(isLabel));
  return reduce(div(sum(where(counted, atLeast(sub(all, sub(right, 1)), 0), 0), [1, 2]), classes), reduction);
}
