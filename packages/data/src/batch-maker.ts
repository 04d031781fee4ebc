// Batches of items: read, transformed, collated; the same for datasets by index and for streams.
import { AttributeError, type RandomKey } from "@stria/core";
import { batchOf } from "./batch.ts";
import { type Allocate, collate, holdsTensors, type HostBatch, withoutTensors } from "./collate.ts";
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
  /** What becomes of items that cannot be read or transformed. */
  readonly broken: "throw" | "skip";
  /** What an item is called besides its index, where the dataset knows: its file. */
  readonly name: ((index: number) => string | undefined) | undefined;
}

/** One item of an epoch: which, and the how-manieth time (from 0) it comes in it. */
export interface Draw {
  readonly index: number;
  readonly occurrence: number;
}

/** An item that was left out because it could not be read or transformed. */
export interface SkippedSample {
  /** Its place in the dataset, or in the stream. */
  readonly index: number;
  readonly epoch: number;
  /** What the error would have said. */
  readonly message: string;
}

/** A batch on the host. */
export interface Finished<Made> {
  /** Items in it, and those that were left out. */
  readonly items: number;
  readonly skipped: readonly SkippedSample[];
  /** Its fields, or what `collate` made. */
  readonly content: { readonly host: HostBatch; readonly masked: boolean } | { readonly value: Made };
}

/** A batch whose tensors are made when it is given out. */
export interface Prepared<Made> extends Pick<Finished<Made>, "items" | "skipped"> {
  /** Its tensors. Called once. */
  open(): Made;
}

/** The batch that can be given out. */
export function preparedOf<Made>({ items, skipped, content }: Finished<Made>): Prepared<Made> {
  return {
    items,
    skipped,
    // Without `collate`, what is made is by the loader's type a batch of the items' fields.
    open: () => ("host" in content ? (batchOf(content.host, content.masked) as Made) : content.value),
  };
}

/** Stands for an item that is left out. */
class Broken {
  readonly index: number;
  readonly error: Error;
  constructor(index: number, error: Error) {
    this.index = index;
    this.error = error;
  }
}

/** Items and draws of a batch, and what is left out of it. */
interface Sorted<Ready> {
  readonly items: readonly Ready[];
  readonly draws: readonly Draw[];
  readonly skipped: readonly SkippedSample[];
}

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

  /** What stands for an item that could not be made. @throws SampleError where such items are not left out */
  #broken(draw: Draw, what: "reading" | "transforming", cause: unknown): Broken {
    const error = new SampleError(draw.index, what, cause, { file: this.#settings.name?.(draw.index) });
    if (this.#settings.broken === "throw") throw error;
    return new Broken(draw.index, error);
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
      return this.#broken(draw, what, cause);
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
      return this.#broken(draw, what, cause);
    }
    const tensors = !this.#settings.collate && typeof made === "object" && made !== null && holdsTensors(made);
    if (made instanceof Promise || tensors) throw waitFor("the samples of this dataset");
    return made;
  }

  /** What stands for an item that ended the worker that made it. */
  fatal(draw: Draw, error: Error): unknown {
    return new Broken(draw.index, error);
  }

  /** The items that are there, and those that are left out. @throws AttributeError where none is there */
  #sorted(items: readonly unknown[], draws: readonly Draw[]): Sorted<Ready> {
    const broken = items.filter((item) => item instanceof Broken);
    const first = broken[0]?.error;
    if (first && broken.length === items.length)
      throw new AttributeError(
        "loader",
        `all ${items.length} samples of a batch are broken, the first one so: ${first.message}`,
        "see to the data; single samples are skipped, not whole batches",
        { cause: first },
      );
    const whole = items.map((item) => !(item instanceof Broken));
    return {
      items: items.filter((item): item is Ready => !(item instanceof Broken)),
      draws: draws.filter((_, place) => whole[place]),
      skipped: broken.map(({ index, error }) => ({ index, epoch: this.#epoch, message: error.message })),
    };
  }

  #host(items: readonly unknown[], draws: readonly Draw[], allocate: Allocate | undefined): HostBatch {
    const { batchSize, last, checkFinite, fields } = this.#settings;
    return collate(items, fields, {
      rows: last === "pad" ? batchSize : items.length,
      checkFinite,
      name: (position) => `sample ${draws[position]?.index}`,
      allocate,
    });
  }

  /** The items and places that a custom `collate` gets: filled up where batches are. */
  #filled(items: readonly Ready[], draws: readonly Draw[]): readonly [readonly Ready[], CollateContext] {
    const { batchSize, last } = this.#settings;
    const rows = last === "pad" ? batchSize : items.length;
    const fill = <Value>(values: readonly Value[]): Value[] =>
      Array.from({ length: rows }, (_, row) => values[row % values.length]).filter((value) => value !== undefined);
    return [fill(items), { indices: fill(draws).map(({ index }) => index), count: items.length }];
  }

  /** The batch of what was made ready. `allocate` says where its arrays lie. */
  async batch(made: readonly unknown[], drawn: readonly Draw[], allocate?: Allocate): Promise<Finished<Made>> {
    const { collate: custom, last } = this.#settings;
    const { items, draws, skipped } = this.#sorted(made, drawn);
    const content = custom
      ? { value: await custom(...this.#filled(items, draws)) }
      : { host: this.#host(items, draws, allocate), masked: last === "pad" };
    return { items: items.length, skipped, content };
  }

  /** The same without waiting. @throws AttributeError where that is not possible */
  batchNow(made: readonly unknown[], drawn: readonly Draw[]): Finished<Made> {
    const { collate: custom, last } = this.#settings;
    const { items, draws, skipped } = this.#sorted(made, drawn);
    const count = items.length;
    if (!custom)
      return { items: count, skipped, content: { host: this.#host(items, draws, undefined), masked: last === "pad" } };
    const value = custom(...this.#filled(items, draws));
    if (value instanceof Promise) throw waitFor("the batches of collate");
    return { items: count, skipped, content: { value } };
  }
}
