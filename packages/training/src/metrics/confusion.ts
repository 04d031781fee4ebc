// The confusion matrix, from which most figures of classification and segmentation follow.
import { AttributeError, type Tensor, at, cast, concat, equal, iota, matmul, mul, reshape, sum } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import { type DecisionOptions, decisionsOf } from "./decisions.ts";
import type { Metric } from "./metric.ts";
import { startSums } from "./sums.ts";

/** Counts: `matrix[i][j]` of class i that the model takes for class j. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** [matrix row by row, number of places that count]. */
function count(name: string, outputs: Tensor, batch: LabelledBatch, options: DecisionOptions): Tensor {
  const { predicted, labels, counts, classes } = decisionsOf(name, outputs, batch, options);
  const places = labels.size;
  const oneHot = (of: Tensor): Tensor => cast(equal(reshape(of, [places, 1]), iota([places, classes], 1)), "float32");
  const weighted = mul(oneHot(labels), reshape(counts, [places, 1]));
  const matrix = matmul(weighted, oneHot(predicted), { transposeA: true });
  return concat([reshape(matrix, [classes * classes]), reshape(sum(counts), [1])], 0);
}

function matrixOf(name: string, sums: Float64Array): ConfusionMatrix {
  if (sums.length === 0) return [];
  const cells = sums.subarray(0, -1);
  const [found, counted] = [cells.reduce((a, b) => a + b, 0), at(sums, sums.length - 1)];
  if (found !== counted)
    throw new AttributeError(
      name,
      `${counted - found} labels or predictions are none of ${Math.sqrt(cells.length)} classes`,
      "classes are whole numbers from 0; name a label that does not count by ignore",
    );
  const classes = Math.sqrt(cells.length);
  return Array.from({ length: classes }, (_, row) => [...cells.subarray(row * classes, (row + 1) * classes)]);
}

/** A figure of the confusion matrix of all places; before the first batch the matrix is empty. */
export function ofConfusion<Result>(
  name: string,
  options: DecisionOptions,
  figure: (matrix: ConfusionMatrix) => Result,
): Metric<Result> {
  return {
    measure: (outputs, batch) => count(name, outputs, batch, options),
    start: (saved) => startSums((sums) => figure(matrixOf(name, sums)), saved),
  };
}

/**
 * The confusion matrix: how many of class i (row) the model takes for class j (column). Outputs are scores [N, classes, ...], one score for each
 * label, or class numbers; see {@link DecisionOptions}. Exact up to 2^24 places in a batch.
 * @throws ShapeError where outputs and labels do not fit, AttributeError for a label that is no class.
 */
export function confusionMatrix(options: DecisionOptions = {}): Metric<ConfusionMatrix> {
  return ofConfusion("confusionMatrix", options, (matrix) => matrix);
}
