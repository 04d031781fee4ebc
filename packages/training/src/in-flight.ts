// Work that is under way on a device: how much of it at once, and in which order its results are looked at.

/** Batches on their way at once: one is computed while the next is prepared. */
const most = 2;

/** Tasks whose results are taken in order; at most two are under way. */
export class InFlight {
  readonly #tasks: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();

  /** Waits until another task may start. @throws what an earlier one threw. */
  async room(): Promise<void> {
    while (this.#tasks.length >= most) await this.#tasks.shift();
  }

  /** Adds a task; `take` is given its result after those of all earlier tasks. */
  add<T>(result: Promise<T>, take: (value: T) => void | Promise<void>): void {
    const before = this.#last;
    const task = (async (): Promise<void> => {
      const [value] = await Promise.all([result, before]);
      await take(value);
    })();
    task.catch(() => {}); // room() and drain() throw it
    this.#tasks.push(task);
    this.#last = task;
  }

  /** Waits until no task is under way, whatever became of them. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#tasks);
  }

  /** Waits for all tasks. @throws what the first that failed threw. */
  async drain(): Promise<void> {
    while (this.#tasks.length > 0) await this.#tasks.shift();
  }
}
