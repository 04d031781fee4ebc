// What a loader counts: batches given out, and who waited for whom.
import type { Prepared, SkippedSample } from "./batch-maker.ts";

/** What a loader has counted since it was made, or since `reset`. */
export interface LoaderStatistics {
  /** Batches given out, and the items in them. */
  readonly batches: number;
  readonly items: number;
  /** Milliseconds until the first batch of each iteration was there: workers start, files are opened. */
  readonly starting: number;
  /** Milliseconds that whoever takes the batches waited for the others. */
  readonly waitedForBatches: number;
  /** Milliseconds that whoever takes the batches was busy with them. */
  readonly used: number;
  /** Milliseconds that the loader (its workers, on average) stood still since the first batch, because enough of them were ready. */
  readonly waitedForRoom: number;
  /** Items given out in a second, the first batches of iterations aside. */
  readonly itemsPerSecond: number;
  /**
   * What holds training up: the loader, where its batches are waited for longer than it waits itself; else the backend. Undefined before the second batch of an
   * iteration.
   */
  readonly limit: "loader" | "backend" | undefined;
  /** Items left out with `broken: "skip"`: how many, and the first hundred. */
  readonly skipped: { readonly count: number; readonly samples: readonly SkippedSample[] };
  /** Workers that ended by themselves and were started anew. */
  readonly restarts: number;
}

/** Skipped items that are named. */
const mostNamed = 100;

/** Counts for a loader of `makers` workers; one where the batches are made by the thread that takes them. */
export class Meter {
  readonly #makers: number;
  #batches = 0;
  #items = 0;
  #starting = 0;
  #waitedForBatches = 0;
  #laterItems = 0;
  #used = 0;
  #waitedForRoom = 0;
  readonly #skipped: SkippedSample[] = [];
  #skippedCount = 0;
  #restarts = 0;
  #iterations = 0;
  #making = 0;
  #since = 0;

  constructor(makers: number) {
    this.#makers = makers;
  }

  /** Adds up how long how many makers stood still, until now. */
  #settle(): void {
    const now = performance.now();
    const idle = Math.max(0, this.#makers - this.#making) / this.#makers;
    if (this.#iterations > 0) this.#waitedForRoom += (now - this.#since) * idle;
    this.#since = now;
  }

  /** A batch begins to be made, or waits for a maker. */
  begins(): void {
    this.#settle();
    this.#making++;
  }

  /** A batch is made, or will not be. */
  ends(): void {
    this.#settle();
    this.#making--;
  }

  /** From now on the loader could be making batches. */
  iterationBegins(): void {
    this.#settle();
    this.#iterations++;
  }

  iterationEnds(): void {
    this.#settle();
    this.#iterations--;
  }

  /** A batch is given out after a wait of so many milliseconds. */
  gives({ items, skipped }: Pick<Prepared<unknown>, "items" | "skipped">, waited: number, first: boolean): void {
    this.#batches++;
    this.#items += items;
    if (first) this.#starting += waited;
    else {
      this.#waitedForBatches += waited;
      this.#laterItems += items;
    }
    this.#skippedCount += skipped.length;
    this.#skipped.push(...skipped.slice(0, mostNamed - this.#skipped.length));
  }

  /** Whoever has a batch was busy with it for so many milliseconds. */
  uses(milliseconds: number): void {
    this.#used += milliseconds;
  }

  restarts(): void {
    this.#restarts++;
  }

  get statistics(): LoaderStatistics {
    this.#settle();
    const total = this.#waitedForBatches + this.#used;
    return {
      batches: this.#batches,
      items: this.#items,
      starting: this.#starting,
      waitedForBatches: this.#waitedForBatches,
      used: this.#used,
      waitedForRoom: this.#waitedForRoom,
      itemsPerSecond: total > 0 ? (1000 * this.#laterItems) / total : 0,
      limit: this.#laterItems === 0 ? undefined : this.#waitedForBatches > this.#waitedForRoom ? "loader" : "backend",
      skipped: { count: this.#skippedCount, samples: [...this.#skipped] },
      restarts: this.#restarts,
    };
  }
}
