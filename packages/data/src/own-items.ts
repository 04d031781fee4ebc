// Datasets of the user's own items: a list of them, or whatever can be iterated.
import { AttributeError } from "@stria/core";
import type { Dataset, Fields, IterableDataset } from "./dataset.ts";

/**
 * The dataset of a list of items.
 * @throws AttributeError where an index is asked for that the list does not have
 * @example listDataset([{ image: new Float32Array(4), label: 1 }], { image: { shape: [1, 2, 2], dtype: "float32" }, label: classLabel(3) })
 */
export function listDataset<Item>(items: readonly Item[], fields?: Fields): Dataset<Item> {
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
 * @example streamDataset(async function* () { for await (const line of lines) yield parse(line); })
 */
export function streamDataset<Item>(
  source: () => Iterable<Item> | AsyncIterable<Item>,
  fields?: Fields,
): IterableDataset<Item> {
  return { fields, [Symbol.asyncIterator]: () => iterated(source()) };
}
