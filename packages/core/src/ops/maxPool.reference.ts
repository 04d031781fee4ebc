// maxPool: the first NaN of a window, or else the first of its largest; padding never wins.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput, outputShape } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const maxPoolReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const { plane, places, taps, reads } = windowsOf(
    node,
    inputShape(node).slice(2),
    outputShape(node).slice(2),
    listAttribute(node, "kernel"),
  );
  const [values, indices] = [newOutput(node, 0), newOutput(node, 1)];
  for (let i = 0; i < values.length; i++) {
    const start = Math.floor(i / places) * plane;
    let winner = -1;
    for (let tap = 0; tap < taps; tap++) {
      const read = at(reads, (i % places) * taps + tap);
      if (read < 0) continue;
      const [leader, challenger] = [winner < 0 ? -Infinity : at(x, start + winner), at(x, start + read)];
      if (winner < 0 || challenger > leader || (Number.isNaN(challenger) && !Number.isNaN(leader))) winner = read;
    }
    values[i] = at(x, start + winner);
    indices[i] = winner;
  }
  return [values, indices];
};
