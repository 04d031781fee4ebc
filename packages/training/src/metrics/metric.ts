// What a metric is: what each batch contributes, computed on the device, and the figure that the contributions add up to, on the host.
import type { Tensor, TypedArray } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";

/** Takes contributions in, one batch after the other. */
export interface Accumulator<Result> {
  /** Takes in what a batch contributed. */
  add(contribution: TypedArray | Float64Array): void;
  /** The figure of all batches so far. */
  result(): Result;
  /** All that it holds, for a checkpoint: `start` with it goes on from here. */
  save(): Float64Array<ArrayBuffer>;
}

/** A figure over all batches of an epoch. It holds nothing itself: {@link streaming} makes an object that does. */
export interface Metric<Result = number> {
  /** What a batch contributes. Traced: synchronous, and made of ops. */
  readonly measure: (outputs: Tensor, batch: LabelledBatch) => Tensor;
  /** An accumulator of nothing yet, or of what another one saved. */
  readonly start: (saved?: Float64Array) => Accumulator<Result>;
}

export type MetricTable = Readonly<Record<string, Metric<unknown>>>;

/** What each metric of a table results in. */
export type Results<Table extends MetricTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Metric<infer Result> ? Result : never;
};
