// argSort: the first places of each lane in sorted order; NaN counts as larger than every number, equals keep their order.
import { at } from "../tensor/aval.ts";
import { booleanAttribute, inputShape, newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

/** Below 0 where a is the smaller, 0 where they are equal. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return Number(a > b) - Number(a < b);
}

export const argSortReference: Reference = (inputs, node) => {
  const [x, axes] = [at(inputs, 0), [numberAttribute(node, "axis")]];
  const sign = booleanAttribute(node, "descending") ? -1 : 1;
  const [from, to] = [lanes(inputShape(node), axes), lanes(outputShape(node), axes)];
  const y = newOutput(node);
  for (const [lane, start] of from.starts.entries()) {
    const values = Array.from(from.steps, (step) => at(x, start + step));
    const order = [...values.keys()].toSorted((i, j) => sign * compare(at(values, i), at(values, j)));
    for (const [k, step] of to.steps.entries()) y[at(to.starts, lane) + step] = at(order, k);
  }
  return [y];
};
