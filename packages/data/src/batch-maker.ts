// Batches of items: read, transformed, collated; the same for datasets by index and for streams.
import { AttributeError, type RandomKey } from "@stria/core";
import { batchOf } from "./batch.ts";
import { collate, holdsTensors, withoutTensors } from "./collate.ts";
import type { Fields } from "./dataset.ts";
import { type ItemRandom, randomOf } from "./item-random.ts";
import { SampleError } from "./sample-error.ts";

/** What a transform gets besides the item. */
export interface TransformContext {
  /** The item's place in the dataset, or in the stream. */
  readonly index: number;
  readonly epoch: number;
  /** Random numbers of this item in this epoch: the same ones whatever the batch size, the order and the prefetch. */
  readonly random: ItemRandom;
}

/** What `collate` gets besides the items. */
export interface CollateContext {
  /** Their places in the dataset, or in the stream. */
  readonly indices: readonly number[];
  /** How many of them, the first ones, are not there only to fill up a batch (`last: "pad"`). */
  readonly count: number;
}

/** What is said of batches, whatever the items come from. */
export interface BatchSettings<Item, Ready, Made> {
  readonly batchSize: number;
  readonly last: "keep" | "drop" | "pad";
  readonly checkFinite: boolean;
  readonly transform: ((item: Item, context: TransformContext) => Ready | Promise<Ready>) | undefined;
  readonly collate: ((items: readonly Ready[], context: CollateContext) => Made | Promise<Made>) | undefined;
  readonly fields: Fields;
}

/** One item of an epoch: which, and the how-manieth time (from 0) it comes in it. */
export interface Draw {
  readonly index: number;
  readonly occurrence: number;
}

/** A batch whose tensors are made when it is given out. */
export type Prepared<Made> = () => Made;

const waitFor = (what: string): AttributeError =>
  new AttributeError("loader", `${what} must be waited for`, "iterate with `for await (const batch of batches)`");

/** Makes the batches of one epoch. `key` is that of the epoch's transforms. */
export class BatchMaker<Item, Ready, Made> {
  readonly #settings: BatchSettings<Item, Ready, Made>;
  readonly #epoch: number;
  readonly #key: RandomKey;

  constructor(settings: BatchSettings<Item, Ready, Made>, epoch: number, key: RandomKey) {
    this.#settings = settings;
    this.#epoch = epoch;
    this.#key = key;
  }

  #context({ index, occurrence }: Draw): TransformContext {
    return { index, epoch: this.#epoch, random: randomOf(this.#key, index, occurrence) };
  }

  #transformed(item: Item, draw: Draw): unknown {
    const { transform } = this.#settings;
    return transform ? transform(item, this.#context(draw)) : item;
  }

  /** An item made ready, errors naming it. */
  async ready(draw: Draw, read: () => Item | Promise<Item>): Promise<unknown> {
    let what: "reading" | "transforming" = "reading";
    try {
      const item = await read();
      what = "transforming";
      const made = await this.#transformed(item, draw);
      const values = !this.#settings.collate && typeof made === "object" && made !== null && holdsTensors(made);
      return values ? await withoutTensors(made) : made;
    } catch (cause) {
      throw new SampleError(draw.index, what, cause);
    }
  }

  /** The same without waiting. @throws AttributeError where that is not possible */
  readyNow(draw: Draw, read: () => Item | Promise<Item>): unknown {
    let what: "reading" | "transforming" = "reading";
    let made: unknown;
    try {
      const item = read();
      if (item instanceof Promise) made = item;
      else {
        what = "transforming";
        made = this.#transformed(item, draw);
      }
    } catch (cause) {
      throw new SampleError(draw.index, what, cause);
    }
    const tensors = !this.#settings.collate && typeof made === "object" && made !== null && holdsTensors(made);
    if (made instanceof Promise || tensors) throw waitFor("the samples of this dataset");
    return made;
  }

  #default(items: readonly unknown[], draws: readonly Draw[]): Prepared<Made> {
    const { batchSize, last, checkFinite, fields } = this.#settings;
    const host = collate(items, fields, {
      rows: last === "pad" ? batchSize : items.length,
      checkFinite,
      name: (position) => `sample ${draws[position]?.index}`,
    });
    // Without `collate`, what is made is by the loader's type a batch of the items' fields.
    return () => batchOf(host, last === "pad") as Made;
  }

  /** The items and places that a custom `collate` gets: filled up where batches are. */
  #filled(items: readonly Ready[], draws: readonly Draw[]): readonly [readonly Ready[], CollateContext] {
    const { batchSize, last } = this.#settings;
    const rows = last === "pad" ? batchSize : items.length;
    const fill = <Value>(values: readonly Value[]): Value[] =>
      Array.from({ length: rows }, (_, row) => values[row % values.length]).filter((value) => value !== undefined);
    return [fill(items), { indices: fill(draws).map(({ index }) => index), count: items.length }];
  }

  async batch(items: readonly unknown[], draws: readonly Draw[]): Promise<Prepared<Made>> {
    const { collate: custom } = this.#settings;
    if (!custom) return this.#default(items, draws);
    const made = await custom(...this.#filled(items as readonly Ready[], draws));
    return () => made;
  }

  batchNow(items: readonly unknown[], draws: readonly Draw[]): Made {
    const { collate: custom } = this.#settings;
    if (!custom) return this.#default(items, draws)();
    const made = custom(...this.#filled(items as readonly Ready[], draws));
    if (made instanceof Promise) throw waitFor("the batches of collate");
    return made;
  }
}
