// The batches of one iteration, made by workers: in order, and never more at once than may be ahead.
import type { Prepared } from "../batch-maker.ts";
import { unlessAborted } from "../prefetch.ts";
import { preparedOf } from "../batch-maker.ts";
import type { BatchRequest, MadeBatch } from "./messages.ts";
import { valueFrom } from "./plain-value.ts";
import type { Pool } from "./pool.ts";
import { outOfShared } from "./slot.ts";
import type { Task } from "./task.ts";

/** The batch that can be given out. Its memory is the workers' again once it is opened. */
function openable<Made>(batch: MadeBatch, pool: Pool): Prepared<Made> {
  const { content, slot, ...counts } = batch;
  return {
    ...counts,
    open() {
      // What the worker's `collate` made is by the loader's type what its own would make.
      if ("plain" in content) {
        pool.release(slot);
        return valueFrom(content.plain) as Made;
      }
      const host = slot ? outOfShared(content.host) : content.host;
      pool.release(slot);
      return preparedOf<Made>({ ...counts, content: { host, masked: content.masked } }).open();
    },
  };
}

/** How an iteration is gone through. */
interface Iteration {
  /** Batches that are made or ready while one is used. */
  readonly ahead: number;
  readonly signal: AbortSignal | undefined;
  /** The number of the iteration, for streams. */
  readonly pass: number;
}

/** @throws the reason of `signal` when that is aborted: the workers are stopped, since what they do may never end */
export async function* pooledBatches<Made>(
  pool: Pool,
  requests: Iterator<BatchRequest, void>,
  { ahead, signal, pass }: Iteration,
): AsyncGenerator<Prepared<Made>, void> {
  const queue: Task[] = [];
  let asked = requests.next();
  try {
    for (;;) {
      signal?.throwIfAborted();
      for (; queue.length <= ahead && asked.done !== true; asked = requests.next()) queue.push(pool.make(asked.value));
      const task = queue.shift();
      const batch = task && (await unlessAborted(task.result, signal));
      if (!batch) return;
      yield openable(batch, pool);
    }
  } finally {
    pool.abandon(queue);
    pool.leave(pass);
    if (signal?.aborted) pool.close(signal.reason);
  }
}
