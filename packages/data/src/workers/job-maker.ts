// The batches of a worker: what the loader asks for, made of the worker's own dataset.
import { BatchMaker, type BatchSettings, type Draw, type Finished } from "../batch-maker.ts";
import type { Allocate } from "../collate.ts";
import { type Dataset, isIterableDataset, type IterableDataset, passOf } from "../dataset.ts";
import { transformKey } from "../item-random.ts";
import type { Beginning, Job } from "./messages.ts";
import { endedAt } from "./worker-error.ts";

/** An iteration through a stream. */
interface Pass<Item> {
  readonly items: AsyncIterator<Item>;
  /** Items read so far. */
  read: number;
}

/** A row of a batch and how its item comes. */
interface Row<Item> {
  readonly draw: Draw;
  readonly read: () => Item | Promise<Item>;
}

export class JobMaker<Item, Ready, Made> {
  readonly #dataset: Dataset<Item> | IterableDataset<Item>;
  readonly #settings: BatchSettings<Item, Ready, Made>;
  readonly #worker: number;
  readonly #begins: (job: Job, beginning: Beginning) => void;
  readonly #passes = new Map<number, Pass<Item>>();

  /** `begins` is told of every item of a job that is made carefully. */
  constructor(
    dataset: Dataset<Item> | IterableDataset<Item>,
    settings: BatchSettings<Item, Ready, Made>,
    worker: number,
    begins: (job: Job, beginning: Beginning) => void,
  ) {
    this.#dataset = dataset;
    this.#settings = settings;
    this.#worker = worker;
    this.#begins = begins;
  }

  /** The batch; undefined where a stream has no such batch any more. */
  async make(job: Job, allocate: Allocate): Promise<Finished<Made> | undefined> {
    const { seed, epoch } = job.request;
    const maker = new BatchMaker(this.#settings, epoch, transformKey(seed, epoch));
    const draws: Draw[] = [];
    const made: unknown[] = [];
    for await (const row of this.#rows(job)) {
      const ready = this.#ready(job, maker, row, made.length);
      draws.push(row.draw);
      // Carefully is one after the other.
      if (job.carefully) made.push(await ready);
      else {
        Promise.resolve(ready).catch(() => undefined); // it is thrown below
        made.push(ready);
      }
    }
    if (made.length === 0) return undefined;
    return maker.batch(await Promise.all(made), draws, allocate);
  }

  #ready(job: Job, maker: BatchMaker<Item, Ready, Made>, { draw, read }: Row<Item>, row: number): unknown {
    const fatal = job.fatal.find((found) => found.row === row);
    if (fatal) return maker.fatal(draw, endedAt(this.#worker, fatal, fatal.reason));
    const { index } = draw;
    if (job.carefully) this.#begins(job, { row, index, file: this.#settings.name?.(index) });
    return maker.ready(draw, read);
  }

  async *#rows(job: Job): AsyncGenerator<Row<Item>> {
    const { request } = job;
    const dataset = this.#dataset;
    if ("draws" in request) {
      if (!isIterableDataset(dataset))
        for (const draw of request.draws) yield { draw, read: () => dataset.get(draw.index) };
    } else if (isIterableDataset(dataset)) yield* this.#streamed(dataset, request.pass, request.batch, request.epoch);
  }

  /** The items of a stream's batch. What comes before is read and left out: other workers make it. */
  async *#streamed(
    dataset: IterableDataset<Item>,
    number: number,
    batch: number,
    epoch: number,
  ): AsyncGenerator<Row<Item>> {
    const { batchSize, last } = this.#settings;
    const first = batch * batchSize;
    let pass = this.#passes.get(number);
    if (!pass || pass.read > first) {
      await pass?.items.return?.(); // a batch that another worker could not make
      pass = { items: passOf(dataset, epoch)[Symbol.asyncIterator](), read: 0 };
      this.#passes.set(number, pass);
    }
    const rows: Row<Item>[] = [];
    while (pass.read < first + batchSize) {
      const next = await pass.items.next();
      if (next.done === true) break;
      const index = pass.read++;
      if (index >= first) rows.push({ draw: { index, occurrence: 0 }, read: () => next.value });
    }
    if (rows.length === batchSize || last !== "drop") yield* rows;
  }

  /** An iteration is over. */
  leave(number: number): void {
    const pass = this.#passes.get(number);
    this.#passes.delete(number);
    void Promise.resolve(pass?.items.return?.()).catch(() => undefined);
  }
}
