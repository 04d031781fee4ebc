// The training worker, as the page sees it. A worker that dies is reported and replaced.
import type { FromWorker, ToWorker } from "../messages.ts";

export class Trainer {
  readonly #hear: (message: FromWorker) => void;
  #worker: Worker;

  constructor(hear: (message: FromWorker) => void) {
    this.#hear = hear;
    this.#worker = this.#begin();
  }

  send(message: ToWorker): void {
    this.#worker.postMessage(message, []);
  }

  #begin(): Worker {
    const worker = new Worker(new URL("../worker/main.ts", import.meta.url), { type: "module", name: "training" });
    worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
      if (worker === this.#worker) this.#hear(data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      worker.terminate();
      if (worker !== this.#worker) return;
      this.#worker = this.#begin();
      this.#hear({
        type: "failed",
        message: `The training worker has ended: ${event.message || "it could not be loaded"}`,
      });
    });
    return worker;
  }
}
