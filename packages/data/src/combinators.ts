// New datasets from others: change the samples, keep the first, choose some. Nothing is read until a sample is asked for.
import { AttributeError } from "@stria/core";
import { type Dataset, isIterableDataset, type IterableDataset, type Sample, type SampleInfo } from "./dataset.ts";

/** Makes a new sample of one. `index` is the sample's place in the dataset, or in the stream. */
export type Transform = (sample: Sample, index: number) => Sample | Promise<Sample>;

function infoOf({ x, y, numClasses }: SampleInfo): SampleInfo {
  return { x, y, numClasses };
}

async function* mapped(samples: IterableDataset, transform: Transform): AsyncGenerator<Sample> {
  let index = 0;
  for await (const sample of samples) yield transform(sample, index++);
}

async function* firstOf(samples: IterableDataset, count: number): AsyncGenerator<Sample> {
  if (count === 0) return;
  let taken = 0;
  for await (const sample of samples) {
    yield sample;
    if (++taken === count) return;
  }
}

/**
 * The dataset whose samples are `transform(sample, index)`, computed anew each time one is asked for.
 * @param changed what the transform changes of shapes, dtypes or classes; what is not given stays
 */
export function map(dataset: Dataset, transform: Transform, changed?: Partial<SampleInfo>): Dataset;
export function map(dataset: IterableDataset, transform: Transform, changed?: Partial<SampleInfo>): IterableDataset;
export function map(
  dataset: Dataset | IterableDataset,
  transform: Transform,
  changed: Partial<SampleInfo> = {},
): Dataset | IterableDataset {
  const info = { ...infoOf(dataset), ...changed };
  if (isIterableDataset(dataset)) return { ...info, [Symbol.asyncIterator]: () => mapped(dataset, transform) };
  return {
    ...info,
    length: dataset.length,
    get: (index) => {
      const sample = dataset.get(index);
      return sample instanceof Promise ? sample.then((read) => transform(read, index)) : transform(sample, index);
    },
  };
}

/** The first `count` samples; all of them where there are fewer. @throws AttributeError when `count` is no whole number from 0 */
export function take(dataset: Dataset, count: number): Dataset;
export function take(dataset: IterableDataset, count: number): IterableDataset;
export function take(dataset: Dataset | IterableDataset, count: number): Dataset | IterableDataset {
  if (!Number.isInteger(count) || count < 0)
    throw new AttributeError("take", `count ${count} is not a whole number from 0`, "pass how many samples to keep");
  if (isIterableDataset(dataset)) return { ...infoOf(dataset), [Symbol.asyncIterator]: () => firstOf(dataset, count) };
  return { ...infoOf(dataset), length: Math.min(count, dataset.length), get: (index) => dataset.get(index) };
}

/** The samples at `indices`, in their order; an index may come more than once. @throws AttributeError naming an index out of range */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const chosen = Array.from(indices);
  for (const [place, index] of chosen.entries())
    if (!Number.isInteger(index) || index < 0 || index >= dataset.length)
      throw new AttributeError(
        "subset",
        `indices[${place}] is ${index}, of a dataset of ${dataset.length} samples`,
        `use 0 to ${dataset.length - 1}`,
      );
  return { ...infoOf(dataset), length: chosen.length, get: (index) => dataset.get(chosen[index] ?? -1) };
}
