// max: Math.max lets NaN win.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const maxReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const y = newOutput(node);
  const { starts, steps } = lanes(inputShape(node), listAttribute(node, "axes"));
  for (const [i, start] of starts.entries()) {
    let largest = -Infinity;
    for (const step of steps) largest = Math.max(largest, at(x, start + step));
    y[i] = largest;
  }
  return [y];
};
