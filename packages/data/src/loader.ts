// Batches of a dataset, epoch after epoch: which items, in which order, is a function of the seed and the epoch alone.
import { AttributeError } from "@stria/core";
import type { Batch } from "./batch.ts";
import type { BatchSettings, CollateContext, TransformContext } from "./batch-maker.ts";
import { type Dataset, type Fields, isIterableDataset, type IterableDataset, type Sample } from "./dataset.ts";
import { indexedBatches } from "./indexed-batches.ts";
import { checkWhole, type LoaderPosition } from "./position.ts";
import type { Sampler } from "./sampler.ts";
import { type LoaderStatistics, Meter } from "./statistics.ts";
import { streamBatches } from "./stream-batches.ts";
import { checkWorkers, type LoaderWorkers } from "./workers/options.ts";
import { Workers } from "./workers/workers.ts";

export interface LoaderOptions<Item = Sample, Ready = Item, Made = Batch<Ready>> {
  /** Items in a batch. */
  readonly batchSize: number;
  /** A new order each epoch, from the seed and the epoch. Default: false, the dataset's own order. */
  readonly shuffle?: boolean;
  /** Which items an epoch has, instead of all of them: `weightedSampler`, `balancedSampler`, or one's own. */
  readonly sampler?: Sampler;
  /**
   * What becomes of the items that do not fill the last batch: `"keep"` (default) gives a smaller batch, `"drop"` leaves them out,
   * `"pad"` fills it up with its own items repeated and gives every batch a `mask`.
   */
  readonly last?: "keep" | "drop" | "pad";
  /** Root of the order and of the transforms' random numbers. Default: the root seed (`setSeed`) at the time an epoch begins. */
  readonly seed?: number;
  /** Batches made ahead on the host while one is used. Default: 1; with workers, two for each. */
  readonly prefetch?: number;
  /**
   * Threads that read, transform and collate, so that the thread that trains does not; the batches are the same to the bit. Default: none. They run a module
   * of their own, see {@link LoaderWorkers}; they stay for the next epoch, until `close`, and do not keep Node's process alive.
   */
  readonly workers?: LoaderWorkers;
  /**
   * What becomes of items that cannot be read or transformed, or that end the worker that makes them: `"throw"` (default) ends the iteration with an error
   * that names the item; `"skip"` leaves them out of their batch, which is smaller then (or filled up with `last: "pad"`), and counts them in `statistics`.
   */
  readonly broken?: "throw" | "skip";
  /** Makes the item that is used of each one read, anew each time: augmentation. May be asynchronous; a batch's items are made at once. */
  readonly transform?: (item: Item, context: TransformContext) => Ready | Promise<Ready>;
  /** Shape and dtype of the fields that the transform changes or adds, and of others that the dataset does not state. */
  readonly fields?: Fields;
  /** Makes a batch of its items. Default: every field of numbers a tensor with a batch axis in front. */
  readonly collate?: (items: readonly Ready[], context: CollateContext) => Made | Promise<Made>;
  /** Whether to refuse NaN and infinities in float fields, naming the item. Default: false. Not with `collate`. */
  readonly checkFinite?: boolean;
  /** Ends every iteration: it throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Batches of a stream, pass after pass. Each iteration is one epoch, and the next one is the next epoch. */
export interface StreamLoader<Made = Batch> extends AsyncIterable<Made> {
  readonly batchSize: number;
  /** The epoch that the next iteration gives, from 0. */
  readonly epoch: number;
  /** Where the latest iteration is: save it between two batches, and give it to `seek` to go on there. */
  readonly position: LoaderPosition;
  /** Makes the next iteration begin there. */
  seek(position: LoaderPosition): void;
  /** Makes the next iteration epoch `epoch`, from its start. */
  setEpoch(epoch: number): void;
  /** The batches of one epoch from the one numbered `start`, whatever was iterated before: for resuming. */
  batches(epoch: number, start?: number): AsyncIterable<Made>;
  /** What was given out, who waited for whom, and what was left out, since the loader was made. */
  readonly statistics: LoaderStatistics;
  /** Stops the workers, where there are any; the next iteration would start others. */
  close(): void;
}

/**
 * Batches of a dataset. Each iteration is one epoch, and the next one is the next epoch. `for await` takes any dataset, `for` those whose
 * items, transforms and batches need no waiting.
 */
export interface Loader<Made = Batch> extends StreamLoader<Made>, Iterable<Made> {
  /** Batches in an epoch. */
  readonly length: number;
}

/** @throws AttributeError for what JavaScript may pass in place of a dataset. */
function checkDataset(dataset: unknown): void {
  if (typeof dataset === "object" && dataset !== null && ("get" in dataset || Symbol.asyncIterator in dataset)) return;
  throw new AttributeError(
    "loader",
    `the dataset is ${Array.isArray(dataset) ? "an array" : dataset instanceof Promise ? "a Promise" : typeof dataset}`,
    "pass a dataset: listDataset(array), streamDataset(source), or an awaited one such as (await mnist()).train",
  );
}

/** Batches made ahead of use are held in memory. */
const mostAhead = 65_536;

/** Batches of a dataset by index. See {@link Loader}. */
export function loader<Item, Ready = Item, Made = Batch<Ready>>(
  dataset: Dataset<Item>,
  options: LoaderOptions<Item, Ready, Made>,
): Loader<Made>;
/** Batches of items as they come; for another order, `shuffle` the dataset. */
export function loader<Item, Ready = Item, Made = Batch<Ready>>(
  dataset: IterableDataset<Item>,
  options: LoaderOptions<Item, Ready, Made>,
): StreamLoader<Made>;
/**
 * @throws AttributeError when an option is out of range, the dataset is empty, or `last: "drop"` leaves no batch. While iterating: SampleError for an item
 * that cannot be read or transformed; ShapeError or AttributeError for one of another shape than stated or a label out of range; LoaderWorkerError where a
 * worker cannot start, or ends by itself at the same item again; the reason of `signal`
 */
export function loader<Item, Ready = Item, Made = Batch<Ready>>(
  dataset: Dataset<Item> | IterableDataset<Item>,
  options: LoaderOptions<Item, Ready, Made>,
): Loader<Made> | StreamLoader<Made> {
  checkDataset(dataset);
  const {
    batchSize,
    shuffle = false,
    last = "keep",
    seed,
    checkFinite = false,
    broken = "throw",
    sampler,
    signal,
    workers,
  } = options ?? { batchSize: Number.NaN };
  if (workers !== undefined) checkWorkers(workers);
  const count = workers?.count ?? 0;
  const prefetch = options?.prefetch ?? Math.max(1, 2 * count);
  checkWhole(batchSize, "batchSize", 1);
  checkWhole(prefetch, "prefetch", 0);
  if (prefetch > mostAhead)
    throw new AttributeError("loader", `prefetch is ${prefetch} batches`, `use at most ${mostAhead}: they are held`);
  if (seed !== undefined) checkWhole(seed, "seed", 0);
  if (broken !== "throw" && broken !== "skip")
    throw new AttributeError("loader", `broken is ${String(broken)}`, 'use "throw" or "skip"');
  const meter = new Meter(Math.max(1, count));
  const settings: BatchSettings<Item, Ready, Made> = {
    batchSize,
    last,
    checkFinite,
    transform: options.transform,
    collate: options.collate,
    fields: { ...dataset.fields, ...options.fields },
    broken,
    name: isIterableDataset(dataset) ? undefined : dataset.nameOf?.bind(dataset),
  };
  const threads =
    workers && count > 0
      ? new Workers({
          workers,
          settings: { batchSize, last, checkFinite, broken, fields: settings.fields },
          served: {
            length: isIterableDataset(dataset) ? undefined : dataset.length,
            fields: { ...dataset.fields },
            transform: options.transform !== undefined,
            collate: options.collate !== undefined,
          },
          meter,
        })
      : undefined;
  if (isIterableDataset(dataset)) {
    if (shuffle || sampler)
      throw new AttributeError(
        "loader",
        `a stream has no order to ${shuffle ? "shuffle" : "choose items from"}`,
        "load shuffle(dataset, { buffer: 10000 }), or use a dataset with get(index)",
      );
    return streamBatches(dataset, settings, { seed, prefetch, signal, meter }, threads);
  }
  if (shuffle && sampler)
    throw new AttributeError("loader", "a sampler has an order of its own", "leave out shuffle, or the sampler");
  return indexedBatches(dataset, settings, { seed, prefetch, signal, meter, shuffle, sampler }, threads);
}
