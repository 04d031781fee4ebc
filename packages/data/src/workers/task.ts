// One batch that a pool of workers is to make, and what is known of workers that ended over it.
import type { BatchRequest, Beginning, FatalRow, Job, MadeBatch } from "./messages.ts";

/** A worker may end for a reason that is not the batch's so often before the batch is given up. */
const mostDeaths = 4;

export class Task {
  readonly id: number;
  readonly request: BatchRequest;
  /** The batch; undefined where a stream is at its end. */
  readonly result: Promise<MadeBatch | undefined>;
  /** Nobody waits for it any more. */
  abandoned = false;
  readonly fatal: FatalRow[] = [];
  #carefully = false;
  /** The item that was begun last, and the one at which a worker ended. */
  #begun: Beginning | undefined;
  #suspect: Beginning | undefined;
  #deaths = 0;
  resolve: (batch: MadeBatch | undefined) => void = () => {};
  reject: (error: unknown) => void = () => {};

  constructor(id: number, request: BatchRequest) {
    this.id = id;
    this.request = request;
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => undefined); // it is thrown where the batch would have come
  }

  job(slot: SharedArrayBuffer | undefined): Job {
    this.#begun = undefined;
    return { id: this.id, request: this.request, carefully: this.#carefully, fatal: this.fatal, slot };
  }

  begins(beginning: Beginning): void {
    this.#begun = beginning;
  }

  /**
   * A worker ended while it made this batch. What is next: again, item by item; or the item is known, since workers ended at it twice; or it is hopeless.
   */
  died(): "again" | Beginning | "hopeless" {
    this.#carefully = true;
    const [begun, suspect] = [this.#begun, this.#suspect];
    if (begun && begun.row === suspect?.row) {
      this.#deaths = 0;
      this.#suspect = undefined;
      return begun;
    }
    this.#suspect = begun;
    return ++this.#deaths < mostDeaths ? "again" : "hopeless";
  }
}
