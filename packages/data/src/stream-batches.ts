// Batches of items as they come, without a length.
import { rootSeed, streamKey } from "@stria/core";
import { BatchMaker, type BatchSettings, type Draw, type Prepared } from "./batch-maker.ts";
import { type IterableDataset, passOf } from "./dataset.ts";
import type { EpochSettings } from "./indexed-batches.ts";
import type { StreamLoader } from "./loader.ts";
import { checkWhole, Progress } from "./position.ts";
import { prefetched } from "./prefetch.ts";

/** The loader of a stream: each iteration starts it anew. To begin within an epoch, what comes before is read and left out. */
export function streamBatches<Item, Ready, Made>(
  dataset: IterableDataset<Item>,
  settings: BatchSettings<Item, Ready, Made>,
  { seed, prefetch, signal }: EpochSettings,
): StreamLoader<Made> {
  const { batchSize, last } = settings;
  const progress = new Progress();

  async function* made(epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> {
    const maker = new BatchMaker(settings, epoch, streamKey(seed ?? rootSeed(), "transform", epoch));
    let read = 0;
    let draws: Draw[] = [];
    let waiting: Promise<unknown>[] = [];
    const assemble = async (): Promise<Prepared<Made>> => maker.batch(await Promise.all(waiting), draws);
    for await (const item of passOf(dataset, epoch)) {
      const index = read++;
      if (index < start * batchSize) continue;
      const draw = { index, occurrence: 0 };
      draws.push(draw);
      const ready = maker.ready(draw, () => item);
      ready.catch(() => undefined); // the error is thrown where the batch would have come
      waiting.push(ready);
      if (waiting.length < batchSize) continue;
      yield await assemble();
      draws = [];
      waiting = [];
    }
    if (waiting.length > 0 && last !== "drop") yield await assemble();
  }

  async function* asynchronous(epoch: number, start: number): AsyncGenerator<Made> {
    for await (const batch of prefetched(made(epoch, start), prefetch, signal)) yield batch();
  }

  async function* following(): AsyncGenerator<Made> {
    const { start, given, ended } = progress.begin();
    for await (const batch of asynchronous(start.epoch, start.batch)) {
      given();
      yield batch;
    }
    ended();
  }

  return {
    batchSize,
    get epoch() {
      return progress.epoch;
    },
    get position() {
      return progress.position;
    },
    seek: (position) => progress.seek(position),
    setEpoch: (epoch) => progress.seek({ epoch, batch: 0 }),
    batches(epoch, start = 0) {
      checkWhole(epoch, "epoch", 0);
      checkWhole(start, "start", 0);
      return { [Symbol.asyncIterator]: () => asynchronous(epoch, start) };
    },
    [Symbol.asyncIterator]: following,
  };
}
