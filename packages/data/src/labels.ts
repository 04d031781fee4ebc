// The classes of all items of a dataset, for what must know them beforehand.
import { AttributeError } from "@stria/core";
import type { Dataset } from "./dataset.ts";

/** The field that is a class label: the one that is stated to be one, else `y`. */
function labelField({ fields = {} }: Dataset<unknown>): string {
  const stated = Object.keys(fields).filter((name) => fields[name]?.numClasses !== undefined);
  return stated.length === 1 ? (stated[0] ?? "y") : "y";
}

function labelOf(dataset: Dataset<unknown>, field: string, index: number): unknown {
  if (dataset.label) return dataset.label(index);
  const item = dataset.get(index);
  return typeof item === "object" && item !== null && !(item instanceof Promise) ? Reflect.get(item, field) : undefined;
}

/**
 * The labels of the items: what `dataset.label` says, else their field that is a class label, read once.
 * @throws AttributeError where that is no whole number from 0, or must be waited for
 */
function labelsOf(what: string, dataset: Dataset<unknown>): number[] {
  const field = labelField(dataset);
  return Array.from({ length: dataset.length }, (_, index) => {
    const label = labelOf(dataset, field, index);
    if (typeof label === "number" && Number.isInteger(label) && label >= 0) return label;
    throw new AttributeError(
      what,
      `the class of item ${index} cannot be seen: it has no whole number ${field}, or must be waited for`,
      "pass the labels, a list as long as the dataset",
    );
  });
}

/** The labels that are given, or those of the dataset. @throws AttributeError when they are not as many as the items */
export function givenLabels(what: string, dataset: Dataset<unknown>, labels: true | ArrayLike<number>): number[] {
  if (labels === true) return labelsOf(what, dataset);
  if (labels.length !== dataset.length)
    throw new AttributeError(
      what,
      `${labels.length} labels are not those of ${dataset.length} items`,
      "pass one for each item",
    );
  return Array.from(labels);
}

/** The indices of each class, classes in ascending order. */
export function byClass(labels: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const [index, label] of labels.entries()) {
    const group = groups.get(label);
    if (group) group.push(index);
    else groups.set(label, [index]);
  }
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => group);
}
