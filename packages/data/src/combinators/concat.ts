// Datasets one after the other.
import { AttributeError, sameShape, showAval } from "@stria/core";
import { type Dataset, type Fields, isIterableDataset, type IterableDataset, passOf, streamOf } from "../dataset.ts";

/** The fields that all state alike; those that only some state are left out. @throws AttributeError where two differ */
function commonFields(all: readonly (Fields | undefined)[]): Fields | undefined {
  const [first, ...others] = all;
  if (!first) return undefined;
  const common = Object.entries(first).filter(([name]) => all.every((fields) => fields?.[name] !== undefined));
  for (const [name, field] of common)
    for (const fields of others) {
      const other = fields?.[name] ?? field;
      if (sameShape(field.shape, other.shape) && field.dtype === other.dtype && field.numClasses === other.numClasses)
        continue;
      const show = (it: typeof field): string =>
        `${showAval(it)}${it.numClasses === undefined ? "" : ` of ${it.numClasses} classes`}`;
      throw new AttributeError(
        "concat",
        `"${name}" is ${show(field)} in one dataset and ${show(other)} in another`,
        "make them alike with map",
      );
    }
  return Object.fromEntries(common);
}

async function* inTurn<Item>(datasets: readonly IterableDataset<Item>[], epoch: number): AsyncGenerator<Item> {
  for (const dataset of datasets) yield* passOf(dataset, epoch);
}

/** Which dataset index `index` is in, and where: the first of those that end behind it. */
function placeOf<Item>(datasets: readonly Dataset<Item>[], index: number): readonly [Dataset<Item>, number] {
  let rest = index;
  if (Number.isInteger(index) && index >= 0)
    for (const dataset of datasets) {
      if (rest < dataset.length) return [dataset, rest];
      rest -= dataset.length;
    }
  throw new AttributeError("concat", `there is no item ${index}`, "use 0 to length - 1");
}

/** The items of the datasets, one dataset after the other. @throws AttributeError where they state a field differently, or there are none */
export function concat<Item>(...datasets: readonly Dataset<Item>[]): Dataset<Item>;
export function concat<Item>(...datasets: readonly IterableDataset<Item>[]): IterableDataset<Item>;
export function concat<Item>(
  ...datasets: readonly (Dataset<Item> | IterableDataset<Item>)[]
): Dataset<Item> | IterableDataset<Item> {
  const fields = commonFields(datasets.map((dataset) => dataset.fields));
  const streams = datasets.flatMap((dataset) => (isIterableDataset(dataset) ? [dataset] : []));
  const indexed = datasets.flatMap((dataset) => (isIterableDataset(dataset) ? [] : [dataset]));
  if (streams.length > 0 && indexed.length === 0) return streamOf((epoch) => inTurn(streams, epoch), fields);
  if (streams.length > 0 || indexed.length === 0)
    throw new AttributeError(
      "concat",
      datasets.length === 0 ? "there are no datasets" : "some datasets are streams and some are not",
      "pass datasets of one kind",
    );
  return {
    fields,
    ...(indexed.every((dataset) => dataset.label) && {
      label: (index: number): number => {
        const [dataset, place] = placeOf(indexed, index);
        return dataset.label?.(place) ?? Number.NaN;
      },
    }),
    ...(indexed.some((dataset) => dataset.nameOf) && {
      nameOf: (index: number): string | undefined => {
        const [dataset, place] = placeOf(indexed, index);
        return dataset.nameOf?.(place);
      },
    }),
    get length() {
      return indexed.reduce((sum, dataset) => sum + dataset.length, 0);
    },
    get: (index) => {
      const [dataset, place] = placeOf(indexed, index);
      return dataset.get(place);
    },
  };
}
