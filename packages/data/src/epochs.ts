// Epochs of batches, one after the other or any of them from any place on, made ahead of the consumer: what all loaders have in common.
import type { Prepared } from "./batch-maker.ts";
import type { StreamLoader } from "./loader.ts";
import { checkWhole, type Progress } from "./position.ts";
import type { Meter } from "./statistics.ts";

/** How epochs are gone through. */
export interface EpochSettings {
  readonly seed: number | undefined;
  readonly prefetch: number;
  readonly signal: AbortSignal | undefined;
  readonly meter: Meter;
}

/** The batches of an epoch, from number `start` on, made ahead. */
export type BatchSource<Made> = (epoch: number, start: number) => AsyncGenerator<Prepared<Made>, void>;

/** What is given out, and the waiting for it, counted. */
async function* opened<Made>(source: AsyncGenerator<Prepared<Made>, void>, meter: Meter): AsyncGenerator<Made> {
  let first = true;
  try {
    for (;;) {
      const asked = performance.now();
      const next = await source.next();
      if (next.done === true) return;
      const batch = next.value.open();
      const given = performance.now();
      meter.gives(next.value, given - asked, first);
      if (first) meter.iterationBegins();
      first = false;
      yield batch;
      meter.uses(performance.now() - given);
    }
  } finally {
    if (!first) meter.iterationEnds();
    await source.return();
  }
}

/** The loader whose batches `source` makes. `progress` keeps count of what is given out. */
export function epochsOf<Made>(
  batchSize: number,
  source: BatchSource<Made>,
  progress: Progress,
  meter: Meter,
): Omit<StreamLoader<Made>, "close"> {
  const asynchronous = (epoch: number, start: number): AsyncGenerator<Made> => opened(source(epoch, start), meter);

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
    get statistics() {
      return meter.statistics;
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
