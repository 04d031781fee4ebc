// avgPoolGradient: each dy is shared equally among the elements of its window.
import { at, sizeOf } from "../tensor/aval.ts";
import { inputShape, listAttribute, outputShape, rounded } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const avgPoolGradientReference: Reference = (inputs, node) => {
  const dy = at(inputs, 0);
  const { plane, places, taps, reads } = windowsOf(
    node,
    outputShape(node).slice(2),
    inputShape(node).slice(2),
    listAttribute(node, "kernel"),
  );
  const sums = new Float64Array(sizeOf(outputShape(node)));
  for (let i = 0; i < dy.length; i++)
    for (let tap = 0; tap < taps; tap++) {
      const read = at(reads, (i % places) * taps + tap);
      if (read < 0) continue;
      const target = Math.floor(i / places) * plane + read;
      sums[target] = at(sums, target) + at(dy, i) / taps;
    }
  return [rounded(node, sums)];
};
