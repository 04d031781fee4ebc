// Datasets of the user's own items: a list of them, or whatever can be iterated.
import { AttributeError } from "@stria/core";
import type { Dataset, Fields, IterableDataset } from "./dataset.ts";

/** What stands where something else was expected: JavaScript may pass anything. */
function nameOf(value: unknown): string {
  if (value instanceof Promise) return "a Promise";
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

/**
 * The dataset of a list of items.
 * @throws AttributeError for what is no array, and where an index is asked for that the list does not have
 * @example listDataset([{ image: new Float32Array(4), label: 1 }], { image: { shape: [1, 2, 2], dtype: "float32" }, label: classLabel(3) })
 */
export function listDataset<Item>(items: readonly Item[], fields?: Fields): Dataset<Item> {
  const given: unknown = items;
  if (!Array.isArray(given) && !ArrayBuffer.isView(given))
    throw new AttributeError(
      "listDataset",
      `the list of items is ${nameOf(given)}`,
      "pass an array of items, awaited and read whole; streamDataset(source) takes what can only be iterated",
    );
  return {
    fields,
    length: items.length,
    get(index) {
      const item = items[index];
      if (item === undefined)
        throw new AttributeError(
          "listDataset",
          `there is no item ${index} of ${items.length}`,
          `use 0 to ${items.length - 1}`,
        );
      return item;
    },
  };
}

async function* iterated<Item>(source: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item> {
  yield* source;
}

/**
 * The stream of what `source()` gives each time it is called: an array, a generator, a reader.
 * @throws AttributeError for what is no function
 * @example streamDataset(async function* () { for await (const line of lines) yield parse(line); })
 */
export function streamDataset<Item>(
  source: () => Iterable<Item> | AsyncIterable<Item>,
  fields?: Fields,
): IterableDataset<Item> {
  if (typeof source !== "function")
    throw new AttributeError(
      "streamDataset",
      `the source is ${nameOf(source)}`,
      "pass a function that gives the items anew each time: () => items",
    );
  return { fields, [Symbol.asyncIterator]: () => iterated(source()) };
}
