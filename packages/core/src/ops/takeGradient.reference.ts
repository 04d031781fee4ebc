// takeGradient: slices are added up at their indices; one that is outside adds nothing.
import { at, sizeOf } from "../tensor/aval.ts";
import { outputShape, numberAttribute, rounded } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const takeGradientReference: Reference = (inputs, node) => {
  const [dy, indices, axis] = [at(inputs, 0), at(inputs, 1), numberAttribute(node, "axis")];
  const [shape, length] = [outputShape(node), numberAttribute(node, "length")];
  const after = sizeOf(shape.slice(axis + 1));
  const sums = new Float64Array(sizeOf(shape));
  for (let i = 0; i < dy.length; i++) {
    const outer = Math.floor(i / after / indices.length);
    const index = at(indices, Math.floor(i / after) % indices.length);
    if (index < 0 || index >= length) continue;
    const target = (outer * length + index) * after + (i % after);
    sums[target] = at(sums, target) + at(dy, i);
  }
  return [rounded(node, sums)];
};
