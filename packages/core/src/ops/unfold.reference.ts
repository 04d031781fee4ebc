// unfold: column [n, c, tap, place] is what the window at that place reads there; 0 in the padding.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { placesOf, windowsOf } from "../reference/windows.ts";

export const unfoldReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const [spatial, kernel] = [inputShape(node).slice(2), listAttribute(node, "kernel")];
  const { plane, places, taps, reads } = windowsOf(node, spatial, placesOf(node, spatial, kernel), kernel);
  const y = newOutput(node);
  for (let i = 0; i < y.length; i++) {
    const [channel, tap, place] = [Math.floor(i / (taps * places)), Math.floor(i / places) % taps, i % places];
    const read = at(reads, place * taps + tap);
    y[i] = read < 0 ? 0 : at(x, channel * plane + read);
  }
  return [y];
};
