// maxPoolGradient: dy is added at the indices; one that is in no plane adds nothing.
import { at, sizeOf } from "../tensor/aval.ts";
import { inputShape, outputShape, rounded } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const maxPoolGradientReference: Reference = (inputs, node) => {
  const [dy, indices] = [at(inputs, 0), at(inputs, 1)];
  const [places, plane] = [sizeOf(inputShape(node).slice(2)), sizeOf(outputShape(node).slice(2))];
  const sums = new Float64Array(sizeOf(outputShape(node)));
  for (let i = 0; i < dy.length; i++) {
    const index = at(indices, i);
    if (index < 0 || index >= plane) continue;
    const target = Math.floor(i / places) * plane + index;
    sums[target] = at(sums, target) + at(dy, i);
  }
  return [rounded(node, sums)];
};
