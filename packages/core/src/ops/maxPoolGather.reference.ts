// maxPoolGather: x at the indices; 0 for one that is in no plane.
import { at, sizeOf } from "../tensor/aval.ts";
import { inputShape, newOutput, outputShape } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const maxPoolGatherReference: Reference = (inputs, node) => {
  const [x, indices] = [at(inputs, 0), at(inputs, 1)];
  const [plane, places] = [sizeOf(inputShape(node).slice(2)), sizeOf(outputShape(node).slice(2))];
  const y = newOutput(node);
  for (let i = 0; i < y.length; i++) {
    const index = at(indices, i);
    y[i] = index < 0 || index >= plane ? 0 : at(x, Math.floor(i / places) * plane + index);
  }
  return [y];
};
