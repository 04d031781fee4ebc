// The loss, over rows that count, and as a metric.
import { ShapeError, type Tensor, at, broadcastTo, div, slice, sum } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import { sumAndCount } from "./mean.ts";
import type { Metric } from "./metric.ts";
import { startMean } from "./sums.ts";

/** A loss of outputs and targets: by default their mean, a scalar; with `reduction: "none"` one for each example [N, ...]. */
export type LossFunction = (
  outputs: Tensor,
  target: Tensor,
  options?: { readonly reduction?: "mean" | "none" },
) => Tensor;

/** The mean loss of a batch over the rows that count. */
export function lossOf(loss: LossFunction, outputs: Tensor, batch: LabelledBatch): Tensor {
  return batch.mask ? meanOfRows(perExample(loss, outputs, batch), batch) : loss(outputs, batch.y);
}

function meanOfRows(losses: Tensor, batch: LabelledBatch): Tensor {
  const both = sumAndCount(losses, batch);
  return div(sum(slice(both, [0], [1])), sum(slice(both, [1], [1])));
}

function perExample(loss: LossFunction, outputs: Tensor, batch: LabelledBatch): Tensor {
  const losses = loss(outputs, batch.y, { reduction: "none" });
  if (losses.rank === 0)
    throw new ShapeError(
      "loss",
      "it gives one number for a batch of which some rows do not count",
      'take { reduction: "none" } into account, or load without last: "pad"',
    );
  return losses;
}

/** The mean of a loss over all examples, whatever the sizes of the batches. */
export function meanLoss(loss: LossFunction): Metric {
  return {
    measure(outputs, batch) {
      const losses = loss(outputs, batch.y, { reduction: "none" });
      // A loss that knows no reduction gives the mean of the batch: each row counts with it.
      const each =
        losses.rank > 0 || batch.mask ? perExample(loss, outputs, batch) : broadcastTo(losses, [at(batch.x.shape, 0)]);
      return sumAndCount(each, batch);
    },
    start: startMean,
  };
}
