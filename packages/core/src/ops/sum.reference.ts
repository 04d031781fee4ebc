// sum.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const sumReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const y = newOutput(node);
  const { starts, steps } = lanes(inputShape(node), listAttribute(node, "axes"));
  for (const [i, start] of starts.entries()) {
    let total = 0;
    for (const step of steps) total += at(x, start + step);
    y[i] = total;
  }
  return [y];
};
