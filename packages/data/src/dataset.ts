// What a dataset is: items by index, or items as they come. An item is a plain object of the user's own making.
import { type Aval, AttributeError, type TypedArray } from "@stria/core";

/** A labelled example: an array, and its target, a number (a class label, a value) or an array too. Row-major. */
export interface Sample {
  readonly x: TypedArray;
  readonly y: number | TypedArray;
}

/** What is known of one field of all items: `{ shape: [1, 28, 28], dtype: "float32" }`, without a batch axis. */
export interface Field extends Aval {
  /** Where the field is a class label: how many classes there are. Loaders then check every label. */
  readonly numClasses?: number | undefined;
}

/**
 * Fields of items by name. What is not stated is as the items have it: a typed array has one axis and its own dtype, a tensor its shape and dtype, an array of
 * numbers is float32, a number is float32 `[]`, true and false are bool.
 */
export type Fields = Readonly<Record<string, Field>>;

/** Items by index, in any order and again and again. `get` gives the same item for the same index. */
export interface Dataset<Item = Sample> {
  readonly length: number;
  /** The item at `index`, 0 to `length` - 1; a promise where it must be read or decoded first. */
  get(index: number): Item | Promise<Item>;
  readonly fields?: Fields | undefined;
  /** The class of an item, where that is known without making the item: for splits and samplers. */
  label?(index: number): number;
  /** What to call an item in errors: its file. */
  nameOf?(index: number): string | undefined;
}

/** Items as they come: a stream, a log, a camera. Iterating starts from the beginning where the source can. */
export interface IterableDataset<Item = Sample> {
  readonly fields?: Fields | undefined;
  /** The items, one at a time. */
  [Symbol.asyncIterator](): AsyncIterator<Item>;
  /** The items as they come in pass `epoch`, where passes differ (`shuffle`). Iterating the dataset itself is pass 0. */
  pass?(epoch: number): AsyncIterable<Item>;
}

export function isIterableDataset<Item>(
  dataset: Dataset<Item> | IterableDataset<Item>,
): dataset is IterableDataset<Item> {
  return Symbol.asyncIterator in dataset;
}

/** The items of a stream in pass `epoch`. */
export function passOf<Item>(dataset: IterableDataset<Item>, epoch: number): AsyncIterable<Item> {
  return dataset.pass?.(epoch) ?? dataset;
}

/** The stream whose pass number `epoch` is `pass(epoch)`. */
export function streamOf<Item>(
  pass: (epoch: number) => AsyncIterable<Item>,
  fields: Fields | undefined,
): IterableDataset<Item> {
  return { fields, pass, [Symbol.asyncIterator]: () => pass(0)[Symbol.asyncIterator]() };
}

/** What stays true of a dataset whose items are taken from another: its fields. */
export function fieldsOf<Item>({ fields }: { readonly fields?: Fields | undefined }): Pick<Dataset<Item>, "fields"> {
  return { fields };
}

/** What is known of items without making them, for a dataset whose item `index` is item `origin(index)` of another: labels and names. */
export function knownFrom<Item>(
  dataset: Dataset<Item>,
  origin: (index: number) => number,
): Pick<Dataset<Item>, "label" | "nameOf"> {
  return {
    ...(dataset.label && { label: (index: number) => dataset.label?.(origin(index)) ?? Number.NaN }),
    ...namesFrom(dataset, origin),
  };
}

/** The names alone. */
export function namesFrom(
  dataset: Dataset<unknown>,
  origin: (index: number) => number,
): Pick<Dataset<unknown>, "nameOf"> {
  return dataset.nameOf ? { nameOf: (index) => dataset.nameOf?.(origin(index)) } : {};
}

/** The field of a class label of `numClasses` classes: int32, 0 to `numClasses` - 1. @throws AttributeError. */
export function classLabel(numClasses: number): Field {
  if (!Number.isSafeInteger(numClasses) || numClasses < 1)
    throw new AttributeError("classLabel", `numClasses is ${String(numClasses)}`, "use a whole number >= 1");
  return { shape: [], dtype: "int32", numClasses };
}
