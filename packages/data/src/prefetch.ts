// Work ahead of the consumer: while a batch is used, the next ones are made.

/** Lets everything that waits run first: frames, timers, messages of workers. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/**
 * Calls `make(0)`, `make(1)`, ..., `make(count - 1)` in order, at most `ahead` results before they are asked for, and yields them in order.
 * An error appears where its result would have; nothing is made after the consumer leaves.
 */
export async function* prefetched<Result>(
  count: number,
  ahead: number,
  make: (index: number) => Result | Promise<Result>,
): AsyncGenerator<Result> {
  const queue: Promise<Result>[] = [];
  let started = 0;
  let left = false;
  let line: Promise<unknown> = Promise.resolve();

  function startNext(): void {
    if (started === count) return;
    const index = started++;
    const delay = index > 0 && ahead > 0;
    const result = line.then(async () => {
      if (delay) await nextTask();
      if (left) throw new Error("the consumer has left");
      return make(index);
    });
    line = result.catch(() => undefined);
    queue.push(result);
  }

  try {
    for (let given = 0; given < count; given++) {
      while (started <= given + ahead && started < count) startNext();
      const next = queue.shift();
      if (next !== undefined) yield await next;
    }
  } finally {
    left = true;
    for (const result of queue) result.catch(() => undefined);
  }
}
