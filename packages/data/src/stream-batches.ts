// Batches of items as they come, without a length.
import { rootSeed } from "@stria/core";
import { BatchMaker, type BatchSettings, type Draw, type Prepared } from "./batch-maker.ts";
import { type IterableDataset, passOf } from "./dataset.ts";
import { type EpochSettings, epochsOf } from "./epochs.ts";
import type { StreamLoader } from "./loader.ts";
import { transformKey } from "./item-random.ts";
import { Progress } from "./position.ts";

/** The loader of a stream: each iteration starts it anew. To begin within an epoch, what comes before is read and left out. */
export function streamBatches<Item, Ready, Made>(
  dataset: IterableDataset<Item>,
  settings: BatchSettings<Item, Ready, Made>,
  epochs: EpochSettings,
): StreamLoader<Made> {
  const { batchSize, last } = settings;
  async function* made(epoch: number, start: number): AsyncGenerator<Prepared<Made>, void> {
    const maker = new BatchMaker(settings, epoch, transformKey(epochs.seed ?? rootSeed(), epoch));
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

  return epochsOf(batchSize, made, new Progress(), epochs);
}
