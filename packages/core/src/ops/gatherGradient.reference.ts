// gatherGradient: elements of a lane are added up at their indices in the same lane; one that is outside adds nothing.
import { at, sizeOf } from "../tensor/aval.ts";
import { inputShape, numberAttribute, outputShape, rounded } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const gatherGradientReference: Reference = (inputs, node) => {
  const [dy, indices, axes] = [at(inputs, 0), at(inputs, 1), [numberAttribute(node, "axis")]];
  const [from, to] = [lanes(inputShape(node), axes), lanes(outputShape(node), axes)];
  const sums = new Float64Array(sizeOf(outputShape(node)));
  for (const [lane, start] of from.starts.entries())
    for (const step of from.steps) {
      const place = to.steps[at(indices, start + step)];
      if (place === undefined) continue;
      const target = at(to.starts, lane) + place;
      sums[target] = at(sums, target) + at(dy, start + step);
    }
  return [rounded(node, sums)];
};
