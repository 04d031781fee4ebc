// What a metric is: what each batch contributes, computed on the device, and the figure that the contributions add up to, on the host.
import {
  ShapeError,
  type Tensor,
  type TypedArray,
  at,
  concat,
  flatten,
  full,
  mean,
  mul,
  reshape,
  showShape,
  sum,
} from "@stria/core";
import type { LabelledBatch } from "../batch.ts";

/** Takes contributions in, one batch after the other. */
export interface Accumulator<Result> {
  add(contribution: TypedArray): void;
  result(): Result;
}

/** A figure over all batches of an epoch. */
export interface Metric<Result = number> {
  /** What a batch contributes. Traced: synchronous, and made of ops. */
  readonly measure: (outputs: Tensor, batch: LabelledBatch) => Tensor;
  readonly start: () => Accumulator<Result>;
}

export type MetricTable = Readonly<Record<string, Metric<unknown>>>;

/** What each metric of a table results in. */
export type Results<Table extends MetricTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Metric<infer Result> ? Result : never;
};

/** [sum, count] of a value for each example [N, ...], over the rows that count. */
export function sumAndCount(perExample: Tensor, { mask }: LabelledBatch): Tensor {
  const rows = at(perExample.shape, 0);
  const values = perExample.rank > 1 ? mean(flatten(perExample, 1), 1) : perExample;
  const total = reshape(sum(mask ? mul(values, mask) : values), [1]);
  return concat([total, mask ? reshape(sum(mask), [1]) : full([1], rows)], 0);
}

/** Adds [sum, count] up in float64. NaN over nothing. */
export function startMean(): Accumulator<number> {
  let [total, count] = [0, 0];
  return {
    add: (contribution) => {
      total += at(contribution, 0);
      count += at(contribution, 1);
    },
    result: () => total / count,
  };
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
