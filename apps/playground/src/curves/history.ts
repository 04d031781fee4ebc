// What the charts show: the measurements of all steps so far in a bounded number of points, each the mean over as many steps.

export interface Measurement {
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** Columns of one length, as a chart takes them; null where there is no value. */
export interface Columns {
  readonly step: number[];
  readonly loss: number[];
  readonly accuracy: number[];
  readonly testLoss: (number | null)[];
  readonly testAccuracy: (number | null)[];
}

interface Bucket {
  count: number;
  step: number;
  loss: number;
  accuracy: number;
  test: Measurement | undefined;
}

const meanOf = (a: number, countA: number, b: number, countB: number): number =>
  (a * countA + b * countB) / (countA + countB);

function merged(a: Bucket, b: Bucket): Bucket {
  return {
    count: a.count + b.count,
    step: b.step,
    loss: meanOf(a.loss, a.count, b.loss, b.count),
    accuracy: meanOf(a.accuracy, a.count, b.accuracy, b.count),
    test: b.test ?? a.test,
  };
}

export class History {
  readonly #capacity: number;
  /** Steps in a full bucket. */
  #width = 1;
  #buckets: Bucket[] = [];

  /** Keeps at most `capacity` points, an even number. */
  constructor(capacity = 400) {
    this.#capacity = capacity;
  }

  add({ step, loss, accuracy }: Measurement): void {
    const single: Bucket = { count: 1, step, loss, accuracy, test: undefined };
    const last = this.#buckets.at(-1);
    if (last !== undefined && last.count < this.#width) {
      this.#buckets[this.#buckets.length - 1] = merged(last, single);
      return;
    }
    if (this.#buckets.length === this.#capacity) {
      const halved: Bucket[] = [];
      for (let index = 0; index < this.#buckets.length; index += 2) {
        const [a, b] = [this.#buckets[index], this.#buckets[index + 1]];
        if (a !== undefined) halved.push(b === undefined ? a : merged(a, b));
      }
      this.#buckets = halved;
      this.#width *= 2;
    }
    this.#buckets.push(single);
  }

  /** A measurement on digits that are not trained on; it belongs to the last step that was added. */
  addTest(test: Measurement): void {
    const last = this.#buckets.at(-1);
    if (last !== undefined) last.test = test;
  }

  columns(): Columns {
    const of = <Value>(read: (bucket: Bucket) => Value): Value[] => this.#buckets.map(read);
    return {
      step: of(({ step }) => step),
      loss: of(({ loss }) => loss),
      accuracy: of(({ accuracy }) => accuracy),
      testLoss: of(({ test }) => test?.loss ?? null),
      testAccuracy: of(({ test }) => test?.accuracy ?? null),
    };
  }
}
