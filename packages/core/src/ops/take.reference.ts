// take: slices at indices; outside, NaN or 0.
import { at, sizeOf } from "../tensor/aval.ts";
import { toStored } from "../tensor/dtype.ts";
import { inputShape, newOutput, numberAttribute, outputDType } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const takeReference: Reference = (inputs, node) => {
  const [x, indices, axis] = [at(inputs, 0), at(inputs, 1), numberAttribute(node, "axis")];
  const shape = inputShape(node);
  const [length, after] = [at(shape, axis), sizeOf(shape.slice(axis + 1))];
  const y = newOutput(node);
  const outside = toStored(outputDType(node), Number.NaN);
  for (let i = 0; i < y.length; i++) {
    const outer = Math.floor(i / after / indices.length);
    const index = at(indices, Math.floor(i / after) % indices.length);
    // An array of integers holds NaN as 0.
    y[i] = index >= 0 && index < length ? at(x, (outer * length + index) * after + (i % after)) : outside;
  }
  return [y];
};
