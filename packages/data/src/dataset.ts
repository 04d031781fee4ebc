// What a dataset is: samples by index, or samples as they come.
import type { Aval, TypedArray } from "@stria/core";

/** One example: an array, and its target, a number (a class label, a value) or an array too. Row-major, of the dataset's shapes. */
export interface Sample {
  readonly x: TypedArray;
  readonly y: number | TypedArray;
}

/** What is known of all samples before one is read. */
export interface SampleInfo {
  /** Shape and element type of one `x`, without a batch axis: `{ shape: [1, 28, 28], dtype: "float32" }`. */
  readonly x: Aval;
  /** Of one `y`; a class label is `{ shape: [], dtype: "int32" }`. */
  readonly y: Aval;
  /** Where `y` is a class label: how many classes there are. Loaders then check every label. */
  readonly numClasses?: number | undefined;
}

/** Samples by index, in any order and again and again. `get` gives the same sample for the same index. */
export interface Dataset extends SampleInfo {
  readonly length: number;
  /** The sample at `index`, 0 to `length` - 1; a promise where it must be read or decoded first. */
  get(index: number): Sample | Promise<Sample>;
}

/** Samples as they come: a stream, a log, a camera. Iterating starts from the beginning where the source can. */
export interface IterableDataset extends SampleInfo {
  [Symbol.asyncIterator](): AsyncIterator<Sample>;
}

export function isIterableDataset(dataset: Dataset | IterableDataset): dataset is IterableDataset {
  return Symbol.asyncIterator in dataset;
}
