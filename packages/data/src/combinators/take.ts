// The first items, or what comes after them.
import { AttributeError } from "@stria/core";
import {
  type Dataset,
  fieldsOf,
  isIterableDataset,
  type IterableDataset,
  knownFrom,
  passOf,
  streamOf,
} from "../dataset.ts";

async function* firstOf<Item>(items: AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  if (count === 0) return;
  let taken = 0;
  for await (const item of items) {
    yield item;
    if (++taken === count) return;
  }
}

async function* after<Item>(items: AsyncIterable<Item>, count: number): AsyncGenerator<Item> {
  let seen = 0;
  for await (const item of items) if (seen++ >= count) yield item;
}

function checkCount(name: string, count: number): void {
  if (!Number.isInteger(count) || count < 0)
    throw new AttributeError(name, `count ${count} is not a whole number from 0`, "pass how many items");
}

/** The first `count` items; all of them where there are fewer. @throws AttributeError when `count` is no whole number from 0 */
export function take<Item>(dataset: Dataset<Item>, count: number): Dataset<Item>;
export function take<Item>(dataset: IterableDataset<Item>, count: number): IterableDataset<Item>;
export function take<Item>(
  dataset: Dataset<Item> | IterableDataset<Item>,
  count: number,
): Dataset<Item> | IterableDataset<Item> {
  checkCount("take", count);
  if (isIterableDataset(dataset)) return streamOf((epoch) => firstOf(passOf(dataset, epoch), count), dataset.fields);
  return {
    ...fieldsOf(dataset),
    ...knownFrom(dataset, (index) => index),
    get length() {
      return Math.min(count, dataset.length);
    },
    get: (index) => dataset.get(index),
  };
}

/** What comes after the first `count` items; nothing where there are no more. @throws AttributeError when `count` is no whole number from 0 */
export function skip<Item>(dataset: Dataset<Item>, count: number): Dataset<Item>;
export function skip<Item>(dataset: IterableDataset<Item>, count: number): IterableDataset<Item>;
export function skip<Item>(
  dataset: Dataset<Item> | IterableDataset<Item>,
  count: number,
): Dataset<Item> | IterableDataset<Item> {
  checkCount("skip", count);
  if (isIterableDataset(dataset)) return streamOf((epoch) => after(passOf(dataset, epoch), count), dataset.fields);
  return {
    ...fieldsOf(dataset),
    ...knownFrom(dataset, (index) => index + count),
    get length() {
      return Math.max(0, dataset.length - count);
    },
    get: (index) => dataset.get(index + count),
  };
}
