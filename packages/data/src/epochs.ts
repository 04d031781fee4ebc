// Epochs of batches, one after the other or any of them from any place on, made ahead of the consumer: what all loaders have in common.
import type { Prepared } from "./batch-maker.ts";
import type { StreamLoader } from "./loader.ts";
import { checkWhole, type Progress } from "./position.ts";
import { prefetched } from "./prefetch.ts";

/** How epochs are gone through. */
export interface EpochSettings {
  readonly seed: number | undefined;
  readonly prefetch: number;
  readonly signal: AbortSignal | undefined;
}

/** The loader whose batches of an epoch, from number `start` on, `made` makes. `progress` keeps count of what is given out. */
export function epochsOf<Made>(
  batchSize: number,
  made: (epoch: number, start: number) => AsyncGenerator<Prepared<Made>, void>,
  progress: Progress,
  { prefetch, signal }: EpochSettings,
): StreamLoader<Made> {
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
