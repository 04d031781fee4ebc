// The figures of the epoch under way: what was read back of them, and what is still on its way.
import type { TypedArray } from "@stria/core";
import type { Accumulator, MetricTable, Results } from "../metrics/metric.ts";
import { startMean } from "../metrics/sums.ts";

type Contributions = ReadonlyMap<string, TypedArray | Float64Array>;
type Saved = ReadonlyMap<string, Float64Array<ArrayBuffer>>;

/** The loss stands beside the metrics under a name that none of them can have in a report. */
const lossName = "";
const metricName = (name: string): string => `metric/${name}`;

export class EpochTotals<Table extends MetricTable> {
  readonly #metrics: Table;
  readonly #loss: Accumulator<number>;
  readonly #accumulators: ReadonlyMap<string, Accumulator<unknown>>;
  /** Batches whose figures have not been read yet, in order. */
  readonly #pending = new Set<Promise<Contributions>>();

  constructor(metrics: Table, saved: Saved = new Map()) {
    this.#metrics = metrics;
    this.#loss = startMean(saved.get(lossName));
    this.#accumulators = new Map(
      Object.entries(metrics).map(([name, { start }]) => [name, start(saved.get(metricName(name)))]),
    );
  }

  /** Announces the figures of a batch: by metric, and the loss as [sum, count] under "". They are added by {@link take}, in the same order. */
  expect(contributions: Promise<Contributions>): void {
    this.#pending.add(contributions);
    contributions.catch(() => {}); // whoever takes it hears of it
  }

  async take(contributions: Promise<Contributions>): Promise<void> {
    const found = await contributions;
    this.#pending.delete(contributions);
    this.#add(found);
  }

  #add(found: Contributions): void {
    for (const [name, contribution] of found)
      (name === lossName ? this.#loss : this.#accumulators.get(name))?.add(contribution);
  }

  /** The mean loss of what was taken. */
  get loss(): number {
    return this.#loss.result();
  }

  results(): Results<Table> {
    return Object.fromEntries([...this.#accumulators].map(([name, total]) => [name, total.result()])) as Results<Table>;
  }

  /** What the accumulators hold once everything that is expected now has come, for a checkpoint. */
  async save(): Promise<Saved> {
    const later = new EpochTotals(this.#metrics, this.#saved());
    for (const found of await Promise.all(this.#pending)) later.#add(found);
    return later.#saved();
  }

  #saved(): Map<string, Float64Array<ArrayBuffer>> {
    const metrics = [...this.#accumulators].map(([name, total]) => [metricName(name), total.save()] as const);
    return new Map([[lossName, this.#loss.save()], ...metrics]);
  }
}
