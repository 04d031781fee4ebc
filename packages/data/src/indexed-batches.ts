// Batches of a dataset by index: the order of each epoch, and its batches from any one on.
import { AttributeError, at, permutationOf, rootSeed, streamKey } from "@stria/core";
import { BatchMaker, type BatchSettings, type Draw, type Prepared, preparedOf } from "./batch-maker.ts";
import type { Dataset } from "./dataset.ts";
import { type EpochSettings, epochsOf } from "./epochs.ts";
import { transformKey } from "./item-random.ts";
import type { Loader } from "./loader.ts";
import { Progress } from "./position.ts";
import { prefetched } from "./prefetch.ts";
import type { Sampler } from "./sampler.ts";
import type { BatchRequest } from "./workers/messages.ts";
import type { Workers } from "./workers/workers.ts";

interface OrderSettings extends EpochSettings {
  readonly shuffle: boolean;
  readonly sampler: Sampler | undefined;
}

/** How often each item came before in the epoch. */
function occurrences(order: ArrayLike<number>): Uint32Array {
  const seen = new Map<number, number>();
  return Uint32Array.from(order, (index) => {
    const before = seen.get(index) ?? 0;
    seen.set(index, before + 1);
    return before;
  });
}

function sampled(sampler: Sampler, seed: number, epoch: number, length: number): ArrayLike<number> {
  const order = sampler.draw(streamKey(seed, "sample", epoch));
  if (order.length !== sampler.length)
    throw new AttributeError(
      "loader",
      `the sampler drew ${order.length} indices, and its length is ${sampler.length}`,
      "draw as many as its length says",
    );
  const wrong = Array.from(order).find((index) => !Number.isInteger(index) || index < 0 || index >= length);
  if (wrong !== undefined)
    throw new AttributeError(
      "loader",
      `the sampler drew ${wrong}, of a dataset of ${length} items`,
      "give it weights or labels of this dataset",
    );
  return order;
}

/** The loader of a dataset by index. */
export function indexedBatches<Item, Ready, Made>(
  dataset: Dataset<Item>,
  settings: BatchSettings<Item, Ready, Made>,
  epochs: OrderSettings,
  workers: Workers | undefined,
): Loader<Made> {
  const { seed, prefetch, signal, shuffle, sampler, meter } = epochs;
  const { batchSize, last } = settings;
  const items = sampler?.length ?? dataset.length;
  if (dataset.length === 0 || items === 0)
    throw new AttributeError("loader", "the dataset is empty", "pass a dataset with at least one sample");
  const length = last === "drop" ? Math.floor(items / batchSize) : Math.ceil(items / batchSize);
  if (length === 0)
    throw new AttributeError(
      "loader",
      `${items} samples do not fill one batch of ${batchSize}, and last: "drop" leaves them out`,
      'use a smaller batchSize, or last: "keep"',
    );
  const progress = new Progress();

  /** The draws of each batch of an epoch. The root seed is read now, when the epoch begins. */
  function plan(epoch: number): {
    readonly root: number;
    readonly drawsOf: (batch: number) => Draw[];
    readonly maker: BatchMaker<Item, Ready, Made>;
  } {
    const root = seed ?? rootSeed();
    let order: ArrayLike<number> | undefined;
    if (sampler) order = sampled(sampler, root, epoch, dataset.length);
    else if (shuffle) order = permutationOf(streamKey(root, "shuffle", epoch), items);
    const repeats = sampler && order && occurrences(order);
    return {
      root,
      maker: new BatchMaker(settings, epoch, transformKey(root, epoch)),
      drawsOf: (batch) =>
        Array.from({ length: Math.min(batchSize, items - batch * batchSize) }, (_, row) => {
          const place = batch * batchSize + row;
          return { index: order ? at(order, place) : place, occurrence: repeats ? at(repeats, place) : 0 };
        }),
    };
  }

  async function* made(epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> {
    const { drawsOf, maker } = plan(epoch);
    for (let batch = start; batch < length; batch++) {
      const draws = drawsOf(batch);
      const ready = draws.map((draw) => maker.ready(draw, () => dataset.get(draw.index)));
      yield preparedOf(await maker.batch(await Promise.all(ready), draws));
    }
  }

  function requests(epoch: number, start: number): Iterator<BatchRequest, void> {
    const { root, drawsOf } = plan(epoch);
    function* drawn(): Generator<BatchRequest, void> {
      for (let batch = start; batch < length; batch++) yield { epoch, seed: root, draws: drawsOf(batch) };
    }
    return drawn();
  }

  function* synchronous(): Generator<Made> {
    if (workers)
      throw new AttributeError(
        "loader",
        "batches of workers must be waited for",
        "iterate with `for await (const batch of batches)`",
      );
    const { start, given, ended } = progress.begin();
    const { drawsOf, maker } = plan(start.epoch);
    let first = true;
    try {
      for (let batch = start.batch; batch < length; batch++) {
        signal?.throwIfAborted();
        const asked = performance.now();
        meter.begins();
        const draws = drawsOf(batch);
        const ready = draws.map((draw) => maker.readyNow(draw, () => dataset.get(draw.index)));
        const prepared = preparedOf(maker.batchNow(ready, draws));
        const result = prepared.open();
        meter.ends();
        const opened = performance.now();
        meter.gives(prepared, opened - asked, first);
        if (first) meter.iterationBegins();
        first = false;
        given();
        yield result;
        meter.uses(performance.now() - opened);
      }
    } finally {
      if (!first) meter.iterationEnds();
    }
    ended();
  }

  const source = (epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> =>
    workers
      ? workers.batches(() => requests(epoch, start), prefetch, signal)
      : prefetched(made(epoch, start), prefetch, signal, meter);
  return Object.assign(epochsOf(batchSize, source, progress, meter), {
    length,
    [Symbol.iterator]: synchronous,
    close: () => workers?.close(),
  });
}
