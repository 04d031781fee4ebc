// scatterPlaces: the last index of a lane that names a place; -1 where none does.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const scatterPlacesReference: Reference = (inputs, node) => {
  const [indices, axes] = [at(inputs, 0), [numberAttribute(node, "axis")]];
  const [from, to] = [lanes(inputShape(node), axes), lanes(outputShape(node), axes)];
  const places = newOutput(node).fill(-1);
  for (const [lane, start] of from.starts.entries())
    for (const [k, step] of from.steps.entries()) {
      const place = to.steps[at(indices, start + step)];
      if (place !== undefined) places[at(to.starts, lane) + place] = k;
    }
  return [places];
};
