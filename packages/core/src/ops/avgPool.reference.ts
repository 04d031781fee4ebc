// avgPool: the sum over the window, padding as 0, by the kernel's size.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput, outputShape } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const avgPoolReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const { plane, places, taps, reads } = windowsOf(
    node,
    inputShape(node).slice(2),
    outputShape(node).slice(2),
    listAttribute(node, "kernel"),
  );
  const y = newOutput(node);
  for (let i = 0; i < y.length; i++) {
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const read = at(reads, (i % places) * taps + tap);
      if (read >= 0) sum += at(x, Math.floor(i / places) * plane + read);
    }
    y[i] = sum / taps;
  }
  return [y];
};
