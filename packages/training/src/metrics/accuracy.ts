// Accuracy, of the first choice and of the first few.
import {
  AttributeError,
  type Tensor,
  at,
  cast,
  concat,
  equal,
  iota,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  mul,
  reshape,
  sum,
  where,
} from "@stria/core";
import { type DecisionOptions, checkClasses, decisionsOf } from "./decisions.ts";
import { meanOf } from "./mean.ts";
import type { Metric } from "./metric.ts";
import { startMean } from "./sums.ts";

/**
 * The share of places (examples, pixels) where the model decides for the label; see {@link DecisionOptions} for binary scores and for labels that do
 * not count.
 * @throws ShapeError, AttributeError as {@link accuracy}.
 */
export function accuracyOf(options: DecisionOptions = {}): Metric {
  return {
    measure(outputs, batch) {
      const { predicted, labels, counts } = decisionsOf("accuracy", outputs, batch, options);
      const hits = mul(cast(equal(predicted, labels), "float32"), counts);
      return concat([reshape(sum(hits), [1]), reshape(sum(counts), [1])], 0);
    },
    start: startMean,
  };
}

/**
 * The share of examples (or places) whose largest output along axis 1 is the one at the label: outputs [N, classes, ...], labels [N, ...].
 * @throws ShapeError where they do not fit, AttributeError for a label on the host that is no class.
 */
export const accuracy: Metric = /* @__PURE__ */ accuracyOf();

/**
 * The share of examples (or places) whose label is among the `k` largest outputs along axis 1; of equal outputs the first counts as larger, so that
 * `topKAccuracy(1)` is {@link accuracy}.
 * @throws AttributeError when `k` is no whole number from 1 to the number of classes.
 */
export function topKAccuracy(k: number): Metric {
  return meanOf((outputs, { y }) => {
    const classes = at(outputs.shape, 1);
    if (!Number.isSafeInteger(k) || k < 1 || k > classes)
      throw new AttributeError("topKAccuracy", `k is ${k}`, `use a whole number from 1 to ${classes}, the classes`);
    checkClasses("topKAccuracy", y, classes, undefined);
    return cast(less(rankOfLabel(outputs, y, classes), k), "float32");
  });
}

/** How many outputs come before that of the label: larger ones, NaN, and equal ones of a lower class. */
function rankOfLabel(outputs: Tensor, y: Tensor, classes: number): Tensor {
  const [rows, ...rest] = y.shape;
  const labels = reshape(cast(y, "int32"), [rows ?? 0, 1, ...rest]);
  const numbers = iota(outputs.shape, 1);
  const chosen = equal(numbers, labels);
  const known = logicalAnd(lessEqual(0, labels), less(labels, classes));
  const score = sum(where(chosen, outputs, 0), 1, { keepDims: true });
  const larger = logicalNot(lessEqual(outputs, where(known, score, Number.NaN)));
  const earlier = logicalAnd(equal(outputs, score), less(numbers, labels));
  return sum(where(larger, 1, cast(earlier, "int32")), 1);
}
