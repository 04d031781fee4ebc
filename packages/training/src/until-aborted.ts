// Batches until a signal comes, also while the next one is waited for: a loader may never deliver it.
import type { Batches } from "./batch.ts";

/** What the iterator gives next; undefined when the signal comes first, or makes the iterator fail. */
async function nextOf<Batch>(
  iterator: AsyncIterator<Batch>,
  signal: AbortSignal,
): Promise<IteratorResult<Batch> | undefined> {
  if (signal.aborted) return undefined;
  let wake = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    wake = () => resolve(undefined);
    signal.addEventListener("abort", wake);
  });
  try {
    return await Promise.race([iterator.next(), aborted]); // the race hears a rejection that comes too late
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    signal.removeEventListener("abort", wake);
  }
}

/** Asks the iterator to close, which one that still makes a batch does afterwards, or never. */
async function closeLater(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Whoever asked is gone.
  }
}

/**
 * The batches of `source`, in its order, until `signal` comes: then they end, at once, and the source is closed without being waited for. Callers ask the
 * signal whether that was the end of the source.
 */
export async function* untilAborted<Batch>(
  source: Batches<Batch>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void> {
  if (!signal || !(Symbol.asyncIterator in source)) {
    yield* source; // what is at hand is not waited for
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let open = true;
  try {
    for (;;) {
      open = false; // while it works: what throws has closed itself
      const result = await nextOf(iterator, signal);
      if (!result) void closeLater(iterator);
      if (!result || result.done === true) return;
      open = true;
      yield result.value;
    }
  } finally {
    if (open) await iterator.return?.();
  }
}
