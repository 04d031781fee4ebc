// Work in program order: each piece starts when the one before is over, whether it succeeded or not.
export class Queue {
  readonly #onFault: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(onFault: (error: unknown) => void) {
    this.#onFault = onFault;
  }

  /** Enqueues `work`. The promise resolves when it is over; what it threw goes to the queue's owner only. */
  add(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch(this.#onFault);
    return this.#last;
  }
}
