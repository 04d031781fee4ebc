/** The worker that computes, as its page sees it. One that dies is reported and replaced. */
export class Computer<Asked, Answered> {
  readonly #start: () => Worker;
  readonly #hear: (message: Answered) => void;
  readonly #ended: (why: string) => void;
  #worker: Worker;

  /** `start` starts a worker, `hear` is given what it says, `ended` what the one said that ended. */
  constructor(start: () => Worker, hear: (message: Answered) => void, ended: (why: string) => void) {
    this.#start = start;
    this.#hear = hear;
    this.#ended = ended;
    this.#worker = this.#begin();
  }

  send(message: Asked, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #begin(): Worker {
    const worker = this.#start();
    worker.addEventListener("message", ({ data }: MessageEvent<Answered>) => {
      if (worker === this.#worker) this.#hear(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      worker.terminate();
      if (worker !== this.#worker) return;
      this.#worker = this.#begin();
      this.#ended(event.message || "it could not be loaded");
    });
    return worker;
  }
}
