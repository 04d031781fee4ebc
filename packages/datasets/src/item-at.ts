// Items of lists by index, checked as all datasets check.
import { AttributeError } from "@stria/core";

/** The item at `index`. @throws AttributeError where there is none */
export function itemAt<Item>(what: string, items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item !== undefined) return item;
  throw new AttributeError(what, `there is no item ${index} of ${items.length}`, `use 0 to ${items.length - 1}`);
}
