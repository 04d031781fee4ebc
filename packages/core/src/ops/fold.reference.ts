// fold: unfold read backwards. Each element of a column is added where unfold would have read it.
import { at, sizeOf } from "../tensor/aval.ts";
import { listAttribute, outputShape, rounded } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { placesOf, windowsOf } from "../reference/windows.ts";

export const foldReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const [spatial, kernel] = [outputShape(node).slice(2), listAttribute(node, "kernel")];
  const { plane, places, taps, reads } = windowsOf(node, spatial, placesOf(node, spatial, kernel), kernel);
  const sums = new Float64Array(sizeOf(outputShape(node)));
  for (let i = 0; i < x.length; i++) {
    const [channel, tap, place] = [Math.floor(i / (taps * places)), Math.floor(i / places) % taps, i % places];
    const read = at(reads, place * taps + tap);
    if (read < 0) continue;
    const target = channel * plane + read;
    sums[target] = at(sums, target) + at(x, i);
  }
  return [rounded(node, sums)];
};
