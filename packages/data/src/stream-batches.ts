// Batches of samples as they come, without an order or a length.
import { type Batch, batchOf } from "./batch.ts";
import { collate, type HostBatch } from "./collate.ts";
import type { IterableDataset, Sample, SampleInfo } from "./dataset.ts";

/** Batches of an iterable dataset, in its order. */
export interface StreamLoader extends AsyncIterable<Batch> {
  readonly dataset: SampleInfo;
  readonly batchSize: number;
}

interface StreamSettings {
  readonly batchSize: number;
  readonly last: "keep" | "drop" | "pad";
  readonly checkFinite: boolean;
}

async function* batched(dataset: IterableDataset, settings: StreamSettings): AsyncGenerator<Batch> {
  const { batchSize, last, checkFinite } = settings;
  let read = 0;
  let waiting: Sample[] = [];
  const assemble = (): HostBatch => {
    const first = read - waiting.length;
    const rows = last === "pad" ? batchSize : waiting.length;
    return collate(waiting, dataset, { rows, checkFinite, name: (position) => `sample ${first + position}` });
  };
  for await (const sample of dataset) {
    waiting.push(sample);
    read++;
    if (waiting.length < batchSize) continue;
    yield batchOf(assemble(), dataset, last === "pad");
    waiting = [];
  }
  if (waiting.length > 0 && last !== "drop") yield batchOf(assemble(), dataset, last === "pad");
}

/** The loader of an iterable dataset: each iteration starts the dataset anew. */
export function streamBatches(dataset: IterableDataset, settings: StreamSettings): StreamLoader {
  return { dataset, batchSize: settings.batchSize, [Symbol.asyncIterator]: () => batched(dataset, settings) };
}
