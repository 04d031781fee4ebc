// Chosen items of a dataset: by index, or by what they are.
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

/** The items at `indices`, in their order; an index may come more than once. @throws AttributeError naming an index out of range */
export function subset<Item>(dataset: Dataset<Item>, indices: ArrayLike<number>): Dataset<Item> {
  const chosen = Array.from(indices);
  for (const [place, index] of chosen.entries())
    if (!Number.isInteger(index) || index < 0 || index >= dataset.length)
      throw new AttributeError(
        "subset",
        `indices[${place}] is ${index}, of a dataset of ${dataset.length} items`,
        `use 0 to ${dataset.length - 1}`,
      );
  return chosenFrom(dataset, () => chosen);
}

/** The items at indices that are worked out when they are first needed. */
function chosenFrom<Item>(dataset: Dataset<Item>, chosen: () => readonly number[]): Dataset<Item> {
  const origin = (index: number): number => chosen()[index] ?? -1;
  return {
    ...fieldsOf(dataset),
    ...knownFrom(dataset, origin),
    get length() {
      return chosen().length;
    },
    get: (index) => dataset.get(origin(index)),
  };
}

async function* passing<Item>(
  items: AsyncIterable<Item>,
  keep: (item: Item, index: number) => boolean | Promise<boolean>,
): AsyncGenerator<Item> {
  let index = 0;
  for await (const item of items) if (await keep(item, index++)) yield item;
}

/**
 * The items for which `keep(item, index)` is true.
 *
 * Of a stream, it is asked as the items come, and may be asynchronous. Of a dataset by index, how many there are is known once all were read: that is
 * done when the length is first asked for, and the items must be there without waiting; see {@link indicesWhere} for those that are not.
 * @throws AttributeError (when the length is first asked for) where items must be waited for
 */
export function filter<Item>(dataset: Dataset<Item>, keep: (item: Item, index: number) => boolean): Dataset<Item>;
export function filter<Item>(
  dataset: IterableDataset<Item>,
  keep: (item: Item, index: number) => boolean | Promise<boolean>,
): IterableDataset<Item>;
export function filter<Item>(
  dataset: Dataset<Item> | IterableDataset<Item>,
  keep: (item: Item, index: number) => boolean | Promise<boolean>,
): Dataset<Item> | IterableDataset<Item> {
  if (isIterableDataset(dataset)) return streamOf((epoch) => passing(passOf(dataset, epoch), keep), dataset.fields);
  let found: readonly number[] | undefined;
  const decide = (index: number): boolean => {
    const item = dataset.get(index);
    const kept = item instanceof Promise ? item : keep(item, index);
    if (typeof kept !== "boolean")
      throw new AttributeError(
        "filter",
        "the items of this dataset, or the answers, must be waited for, so that its length is not known",
        "write subset(dataset, await indicesWhere(dataset, keep))",
      );
    return kept;
  };
  return chosenFrom(dataset, () => {
    found ??= Array.from({ length: dataset.length }, (_, index) => index).filter(decide);
    return found;
  });
}

/** The indices of the items for which `keep(item, index)` is true, for `subset`. Reads every item once, one after the other. */
export async function indicesWhere<Item>(
  dataset: Dataset<Item>,
  keep: (item: Item, index: number) => boolean | Promise<boolean>,
): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < dataset.length; index++)
    if (await keep(await dataset.get(index), index)) found.push(index);
  return found;
}
