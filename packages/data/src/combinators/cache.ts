// Items that are kept in memory once they were made.
import { type Dataset, fieldsOf, isIterableDataset, type IterableDataset, knownFrom, passOf } from "../dataset.ts";

function cachedByIndex<Item>(dataset: Dataset<Item>): Dataset<Item> {
  const kept = new Map<number, { readonly item: Item | Promise<Item> }>();
  return {
    ...fieldsOf(dataset),
    ...knownFrom(dataset, (index) => index),
    get length() {
      return dataset.length;
    },
    get(index) {
      const found = kept.get(index);
      if (found) return found.item;
      const item = dataset.get(index);
      kept.set(index, { item });
      // What failed is tried again the next time.
      if (item instanceof Promise)
        item.then((read: Item) => kept.set(index, { item: read })).catch(() => kept.delete(index));
      return item;
    },
  };
}

function cachedStream<Item>(dataset: IterableDataset<Item>): IterableDataset<Item> {
  let kept: readonly Item[] | undefined;
  async function* items(): AsyncGenerator<Item> {
    if (kept) {
      yield* kept;
      return;
    }
    const read: Item[] = [];
    for await (const item of passOf(dataset, 0)) {
      read.push(item);
      yield item;
    }
    kept = read;
  }
  return { ...fieldsOf(dataset), [Symbol.asyncIterator]: items };
}

/**
 * The same dataset, its items kept in memory from their first use on. Nothing is ever given up: it must fit. A stream is kept once a pass came to its end, in
 * the order of that pass; put `shuffle` behind it, not before.
 */
export function cache<Item>(dataset: Dataset<Item>): Dataset<Item>;
export function cache<Item>(dataset: IterableDataset<Item>): IterableDataset<Item>;
export function cache<Item>(dataset: Dataset<Item> | IterableDataset<Item>): Dataset<Item> | IterableDataset<Item> {
  return isIterableDataset(dataset) ? cachedStream(dataset) : cachedByIndex(dataset);
}
