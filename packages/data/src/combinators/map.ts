// A dataset whose items are made of another's, when they are asked for.
import {
  type Dataset,
  type Fields,
  isIterableDataset,
  type IterableDataset,
  namesFrom,
  passOf,
  streamOf,
} from "../dataset.ts";

async function* mapped<Item, Result>(
  items: AsyncIterable<Item>,
  transform: (item: Item, index: number) => Result | Promise<Result>,
): AsyncGenerator<Result> {
  let index = 0;
  for await (const item of items) yield transform(item, index++);
}

/**
 * The dataset whose items are `transform(item, index)`, computed anew each time one is asked for; `index` is the place in the dataset, or in the stream.
 *
 * For augmentation use the `transform` of a loader instead: it gets random numbers of its own for each item and epoch.
 * @param changed shape and dtype of the fields that the transform changes or adds; those of the others stay
 */
export function map<Item, Result>(
  dataset: Dataset<Item>,
  transform: (item: Item, index: number) => Result | Promise<Result>,
  changed?: Fields,
): Dataset<Result>;
export function map<Item, Result>(
  dataset: IterableDataset<Item>,
  transform: (item: Item, index: number) => Result | Promise<Result>,
  changed?: Fields,
): IterableDataset<Result>;
export function map<Item, Result>(
  dataset: Dataset<Item> | IterableDataset<Item>,
  transform: (item: Item, index: number) => Result | Promise<Result>,
  changed: Fields = {},
): Dataset<Result> | IterableDataset<Result> {
  const fields = { ...dataset.fields, ...changed };
  if (isIterableDataset(dataset)) return streamOf((epoch) => mapped(passOf(dataset, epoch), transform), fields);
  return {
    fields,
    ...namesFrom(dataset, (index) => index),
    get length() {
      return dataset.length;
    },
    get: (index) => {
      const item = dataset.get(index);
      return item instanceof Promise ? item.then((read: Item) => transform(read, index)) : transform(item, index);
    },
  };
}
