// The workers of a loader, as the loader sees them: what starts and runs them is loaded with the first batch.
import type { Prepared } from "../batch-maker.ts";
import type { BatchRequest } from "./messages.ts";
import type { Pool, PoolSettings } from "./pool.ts";

export class Workers {
  readonly #settings: PoolSettings;
  #pool: Pool | undefined;
  #passes = 0;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  /** The batches of an iteration; `requests` is given the number of the iteration. */
  async *batches<Made>(
    requests: (pass: number) => Iterator<BatchRequest, void>,
    ahead: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Prepared<Made>, void> {
    signal?.throwIfAborted();
    const pass = this.#passes++;
    const asked = requests(pass); // the root seed is read now, when the epoch begins
    const [{ Pool }, { pooledBatches }] = await Promise.all([import("./pool.ts"), import("./pooled-batches.ts")]);
    if (!this.#pool || this.#pool.closed) this.#pool = new Pool(this.#settings);
    yield* pooledBatches<Made>(this.#pool, asked, { ahead, signal, pass });
  }

  close(): void {
    this.#pool?.close();
    this.#pool = undefined;
  }
}
