// Means over examples: of anything that is computed for each.
import { ShapeError, type Tensor, at, concat, flatten, full, mean, mul, reshape, showShape, sum } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import type { Metric } from "./metric.ts";
import { startMean } from "./sums.ts";

/** [sum, count] of a value for each example [N, ...], over the rows that count. */
export function sumAndCount(perExample: Tensor, { mask }: LabelledBatch): Tensor {
  const rows = at(perExample.shape, 0);
  const values = perExample.rank > 1 ? mean(flatten(perExample, 1), 1) : perExample;
  const total = reshape(sum(mask ? mul(values, mask) : values), [1]);
  return concat([total, mask ? reshape(sum(mask), [1]) : full([1], rows)], 0);
}

/**
 * The mean over all examples of a value for each, float32 [N, ...].
 * @example const error = meanOf((outputs, { y }) => outputs.sub(y).abs());
 */
export function meanOf(perExample: (outputs: Tensor, batch: LabelledBatch) => Tensor): Metric {
  return {
    measure(outputs, batch) {
      const values = perExample(outputs, batch);
      if (values.shape[0] !== batch.x.shape[0])
        throw new ShapeError(
          "meanOf",
          `the values are ${showShape(values.shape)} for a batch of ${batch.x.shape[0] ?? 0}`,
          "return one value for each example, [N, ...]",
        );
      return sumAndCount(values, batch);
    },
    start: startMean,
  };
}
