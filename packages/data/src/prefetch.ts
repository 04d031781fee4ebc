// Work ahead of the consumer: while a batch is used, the next ones are made.
import type { Meter } from "./statistics.ts";

/** Lets everything that waits run first: frames, timers, messages of workers. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** The same promise, unless the signal is aborted first: then its reason is thrown. */
export async function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return promise;
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    signal.throwIfAborted(); // what the work threw because of the signal is the signal's reason
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * What `source` gives, in its order, at most `ahead` results made before they are asked for.
 * An error appears where its result would have; nothing is made after the consumer leaves or the signal is aborted.
 * @throws the reason of `signal` when that is aborted
 */
export async function* prefetched<Result>(
  source: AsyncIterator<Result, void>,
  ahead: number,
  signal: AbortSignal | undefined,
  meter: Meter,
): AsyncGenerator<Result, void> {
  const queue: Promise<IteratorResult<Result, void>>[] = [];
  let left = false;
  let started = 0;
  let line: Promise<unknown> = Promise.resolve();

  function startNext(): void {
    const delay = started++ > 0 && ahead > 0;
    const result = line.then(async (): Promise<IteratorResult<Result, void>> => {
      if (delay) await nextTask();
      if (left) return { done: true, value: undefined };
      meter.begins();
      try {
        return await source.next();
      } finally {
        meter.ends();
      }
    });
    line = result.catch(() => undefined);
    queue.push(result);
  }

  try {
    for (;;) {
      signal?.throwIfAborted();
      while (queue.length <= ahead) startNext();
      const next = queue.shift();
      const result = next && (await unlessAborted(next, signal));
      if (!result || result.done === true) return;
      yield result.value;
    }
  } finally {
    left = true;
    for (const result of queue) result.catch(() => undefined);
    // What is still being made is not waited for; the source closes behind it.
    void line.then(() => source.return?.()).catch(() => undefined);
  }
}
