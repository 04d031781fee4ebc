// The batches of an epoch, from any of them on, of a loader or of anything that can be iterated.
import type { Batches } from "../batch.ts";
import { untilAborted } from "../until-aborted.ts";

/** What a loader of `@stria/data` has besides its batches: epochs by number, which make a resumed run see the same order. */
interface Epochs<Batch> {
  readonly epoch: number;
  setEpoch(epoch: number): void;
  batches(epoch: number, start?: number): AsyncIterable<Batch>;
}

function hasEpochs<Batch>(batches: Batches<Batch>): batches is Batches<Batch> & Epochs<Batch> {
  return "setEpoch" in batches && "batches" in batches && "epoch" in batches;
}

/** Batches of an epoch, where that is known. */
export function lengthOf(batches: object): number | undefined {
  const length: unknown = Reflect.get(batches, "length");
  return typeof length === "number" ? length : undefined;
}

/** The number of the epoch that a loader would give next. */
export function nextEpochOf(batches: Batches<unknown>): number {
  return hasEpochs(batches) ? batches.epoch : 0;
}

/** Makes `epoch` the one that a loader gives next. */
export function setNextEpoch(batches: Batches<unknown>, epoch: number): void {
  if (hasEpochs(batches)) batches.setEpoch(epoch);
}

/** The batches of epoch `epoch` of the data, from number `start` on, until `signal` comes. */
export async function* epochBatches<Batch>(
  batches: Batches<Batch>,
  epoch: number,
  start: number,
  signal?: AbortSignal,
): AsyncGenerator<Batch> {
  if (hasEpochs(batches)) {
    batches.setEpoch(epoch + 1);
    yield* untilAborted(batches.batches(epoch, start), signal);
    return;
  }
  let number = 0;
  for await (const batch of untilAborted(batches, signal)) if (number++ >= start) yield batch;
}
