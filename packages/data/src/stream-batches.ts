// Batches of items as they come, without a length.
import { rootSeed } from "@stria/core";
import { BatchMaker, type BatchSettings, type Draw, type Prepared, preparedOf } from "./batch-maker.ts";
import { type IterableDataset, passOf } from "./dataset.ts";
import { type EpochSettings, epochsOf } from "./epochs.ts";
import type { StreamLoader } from "./loader.ts";
import { transformKey } from "./item-random.ts";
import { Progress } from "./position.ts";
import { prefetched } from "./prefetch.ts";
import type { BatchRequest } from "./workers/messages.ts";
import type { Workers } from "./workers/workers.ts";

/** The loader of a stream: each iteration starts it anew. To begin within an epoch, what comes before is read and left out. */
export function streamBatches<Item, Ready, Made>(
  dataset: IterableDataset<Item>,
  settings: BatchSettings<Item, Ready, Made>,
  epochs: EpochSettings,
  workers: Workers | undefined,
): StreamLoader<Made> {
  const { batchSize, last } = settings;
  const { seed, prefetch, signal, meter } = epochs;
  async function* made(epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> {
    const maker = new BatchMaker(settings, epoch, transformKey(seed ?? rootSeed(), epoch));
    let read = 0;
    let draws: Draw[] = [];
    let waiting: Promise<unknown>[] = [];
    const assemble = async (): Promise<Prepared<Made>> =>
      preparedOf(await maker.batch(await Promise.all(waiting), draws));
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

  /** Workers are asked for one batch after the other until one of them finds the end. */
  function requests(epoch: number, start: number, pass: number): Iterator<BatchRequest, void> {
    const root = seed ?? rootSeed();
    function* numbered(): Generator<BatchRequest, void> {
      for (let batch = start; ; batch++) yield { epoch, seed: root, batch, pass };
    }
    return numbered();
  }

  const source = (epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> =>
    workers
      ? workers.batches((pass) => requests(epoch, start, pass), prefetch, signal)
      : prefetched(made(epoch, start), prefetch, signal, meter);
  return Object.assign(epochsOf(batchSize, source, new Progress(), meter), { close: () => workers?.close() });
}
