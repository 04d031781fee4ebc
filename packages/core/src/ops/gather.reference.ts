// gather: element k of a lane is the one at its index in the same lane of x; outside, NaN or 0.
import { at } from "../tensor/aval.ts";
import { toStored } from "../tensor/dtype.ts";
import { inputShape, newOutput, numberAttribute, outputDType } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const gatherReference: Reference = (inputs, node) => {
  const [x, indices, axes] = [at(inputs, 0), at(inputs, 1), [numberAttribute(node, "axis")]];
  const [from, to] = [lanes(inputShape(node, 0), axes), lanes(inputShape(node, 1), axes)];
  const y = newOutput(node);
  const outside = toStored(outputDType(node), Number.NaN);
  for (const [lane, start] of to.starts.entries())
    for (const step of to.steps) {
      const place = from.steps[at(indices, start + step)];
      // An array of integers holds NaN as 0.
      y[start + step] = place === undefined ? outside : at(x, at(from.starts, lane) + place);
    }
  return [y];
};
