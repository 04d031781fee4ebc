// The worker that computes, as the page sees it. One that dies is reported and replaced.
import type { FromWorker, ToWorker } from "../messages.ts";

export class Computer {
  readonly #hear: (message: FromWorker) => void;
  #worker: Worker;

  constructor(hear: (message: FromWorker) => void) {
    this.#hear = hear;
    this.#worker = this.#begin();
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #begin(): Worker {
    const worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module", name: "augment" });
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.#worker) this.#hear(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      worker.terminate();
      if (worker !== this.#worker) return;
      this.#worker = this.#begin();
      this.#hear({ type: "failed", message: `The worker has ended: ${event.message || "it could not be loaded"}` });
    });
    return worker;
  }
}
