// Batches of a dataset, epoch after epoch: which samples, in which order, is a function of the seed and the epoch alone.
import { AttributeError, permutationOf, rootSeed, streamKey } from "@stria/core";
import { type Batch, batchOf } from "./batch.ts";
import { collate, type HostBatch } from "./collate.ts";
import { type Dataset, isIterableDataset, type IterableDataset, type Sample } from "./dataset.ts";
import { prefetched } from "./prefetch.ts";
import { streamBatches, type StreamLoader } from "./stream-batches.ts";

export interface LoaderOptions {
  /** Samples in a batch. */
  readonly batchSize: number;
  /** A new order each epoch, from the seed and the epoch. Default: false, the dataset's own order. */
  readonly shuffle?: boolean;
  /**
   * What becomes of the samples that do not fill the last batch: `"keep"` (default) gives a smaller batch, `"drop"` leaves them out,
   * `"pad"` fills it up with its own samples repeated and gives every batch a `mask`.
   */
  readonly last?: "keep" | "drop" | "pad";
  /** Root of the order. Default: the root seed (`setSeed`) at the time an epoch begins. */
  readonly seed?: number;
  /** Batches made ahead on the host while one is used. Default: 1. */
  readonly prefetch?: number;
  /** Whether to refuse NaN and infinities in float data, naming the sample. Default: false. */
  readonly checkFinite?: boolean;
}

/**
 * Batches of a dataset. Each iteration is one epoch, and the next one is the next epoch. `for await` takes any dataset, `for` those whose
 * samples need no waiting.
 */
export interface Loader extends AsyncIterable<Batch>, Iterable<Batch> {
  readonly dataset: Dataset;
  readonly batchSize: number;
  /** Batches in an epoch. */
  readonly length: number;
  /** The epoch that the next iteration gives, from 0. */
  readonly epoch: number;
  /** Makes the next iteration epoch `epoch`. */
  setEpoch(epoch: number): void;
  /** The batches of one epoch from the one numbered `start`, whatever was iterated before: for resuming. */
  batches(epoch: number, start?: number): AsyncIterable<Batch>;
}

function checkWhole(value: number, name: string, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new AttributeError(
      "loader",
      `${name} ${value} is not a whole number from ${least}`,
      `pass ${name} as a whole number`,
    );
}

/** Batches of a dataset by index. See {@link Loader}. */
export function loader(dataset: Dataset, options: LoaderOptions): Loader;
/** Batches of samples as they come; `shuffle` is not possible. */
export function loader(dataset: IterableDataset, options: LoaderOptions): StreamLoader;
/**
 * @throws AttributeError when an option is out of range, the dataset is empty, or `last: "drop"` leaves no batch. While iterating, the
 * errors of `collate`: a sample of another shape than stated, a label out of range
 */
export function loader(dataset: Dataset | IterableDataset, options: LoaderOptions): Loader | StreamLoader {
  const { batchSize, shuffle = false, last = "keep", seed, prefetch = 1, checkFinite = false } = options;
  checkWhole(batchSize, "batchSize", 1);
  checkWhole(prefetch, "prefetch", 0);
  if (seed !== undefined) checkWhole(seed, "seed", 0);
  if (isIterableDataset(dataset)) {
    if (shuffle)
      throw new AttributeError(
        "loader",
        "an iterable dataset has no order to shuffle",
        "shuffle where the samples come from, or use a dataset with get(index)",
      );
    return streamBatches(dataset, { batchSize, last, checkFinite });
  }
  return datasetLoader(dataset, { batchSize, shuffle, last, seed, prefetch, checkFinite });
}

type Settings = Required<Omit<LoaderOptions, "seed">> & { readonly seed: number | undefined };

function datasetLoader(dataset: Dataset, settings: Settings): Loader {
  const { batchSize, shuffle, last, seed, prefetch, checkFinite } = settings;
  if (dataset.length === 0)
    throw new AttributeError("loader", "the dataset is empty", "pass a dataset with at least one sample");
  const length = last === "drop" ? Math.floor(dataset.length / batchSize) : Math.ceil(dataset.length / batchSize);
  if (length === 0)
    throw new AttributeError(
      "loader",
      `${dataset.length} samples do not fill one batch of ${batchSize}, and last: "drop" leaves them out`,
      'use a smaller batchSize, or last: "keep"',
    );
  let nextEpoch = 0;

  /** The indices of each batch of an epoch. The root seed is read now, when the epoch begins. */
  function plan(epoch: number): (batch: number) => number[] {
    checkWhole(epoch, "epoch", 0);
    const order = shuffle ? permutationOf(streamKey(seed ?? rootSeed(), "shuffle", epoch), dataset.length) : undefined;
    return (batch) => {
      const count = Math.min(batchSize, dataset.length - batch * batchSize);
      return Array.from({ length: count }, (_, row) => {
        const place = batch * batchSize + row;
        return order === undefined ? place : (order[place] ?? -1);
      });
    };
  }

  function assemble(samples: readonly Sample[], indices: readonly number[]): HostBatch {
    const rows = last === "pad" ? batchSize : samples.length;
    return collate(samples, dataset, { rows, checkFinite, name: (position) => `sample ${indices[position]}` });
  }

  async function* asynchronous(epoch: number, start: number): AsyncGenerator<Batch> {
    const indicesOf = plan(epoch);
    const read = async (offset: number): Promise<HostBatch> => {
      const indices = indicesOf(start + offset);
      return assemble(await Promise.all(indices.map(async (index) => dataset.get(index))), indices);
    };
    for await (const host of prefetched(Math.max(0, length - start), prefetch, read))
      yield batchOf(host, dataset, last === "pad");
  }

  function* synchronous(epoch: number): Generator<Batch> {
    const indicesOf = plan(epoch);
    for (let batch = 0; batch < length; batch++) {
      const indices = indicesOf(batch);
      const samples = indices.map((index) => {
        const sample = dataset.get(index);
        if (sample instanceof Promise)
          throw new AttributeError(
            "loader",
            "the samples of this dataset must be waited for",
            "iterate with `for await (const batch of batches)`",
          );
        return sample;
      });
      yield batchOf(assemble(samples, indices), dataset, last === "pad");
    }
  }

  return {
    dataset,
    batchSize,
    length,
    get epoch() {
      return nextEpoch;
    },
    setEpoch(epoch) {
      checkWhole(epoch, "epoch", 0);
      nextEpoch = epoch;
    },
    batches(epoch, start = 0) {
      checkWhole(epoch, "epoch", 0);
      checkWhole(start, "start", 0);
      return { [Symbol.asyncIterator]: () => asynchronous(epoch, start) };
    },
    [Symbol.asyncIterator]: () => asynchronous(nextEpoch++, 0),
    [Symbol.iterator]: () => synchronous(nextEpoch++),
  };
}
