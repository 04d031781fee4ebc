// argMax: the first NaN, or else the first of the largest.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const argMaxReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const y = newOutput(node);
  const { starts, steps } = lanes(inputShape(node), [numberAttribute(node, "axis")]);
  for (const [i, start] of starts.entries()) {
    let best = 0;
    for (let k = 1; k < steps.length; k++) {
      const [leader, challenger] = [at(x, start + at(steps, best)), at(x, start + at(steps, k))];
      if (challenger > leader || (Number.isNaN(challenger) && !Number.isNaN(leader))) best = k;
    }
    y[i] = best;
  }
  return [y];
};
