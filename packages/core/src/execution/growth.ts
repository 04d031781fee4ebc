// Says so when eager code keeps making tensors that nobody gives back.
import type { Backend } from "../backend.ts";
import { callSite } from "./call-site.ts";

const opsBetweenLooks = 1024;
const firstThreshold = 2 ** 30;

/** Looks at a backend's live bytes now and then; each time they have doubled beyond 1 GiB it warns, with the place that allocates. */
export class GrowthWatch {
  readonly #backend: Backend;
  #ops = 0;
  #threshold = firstThreshold;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Counts an eager op. */
  note(): void {
    if (++this.#ops % opsBetweenLooks !== 0) return;
    const { bytes, buffers } = this.#backend.memory();
    if (bytes < this.#threshold) return;
    this.#threshold = bytes * 2;
    console.warn(
      `Stria: ${buffers} tensors hold ${Math.round(bytes / 2 ** 20)} MiB on backend "${this.#backend.name}", and the number keeps growing; the last was made ${callSite()}. ` +
        "Wrap the work in scope(() => ...) or compile(...), which free what they make, or dispose tensors that are no longer needed; trackAllocations(true) and memoryReport() say which line holds how much.",
    );
  }
}
