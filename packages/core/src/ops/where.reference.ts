// where: all three operands broadcast.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, outputShape } from "../reference/node.ts";
import { broadcastOffsets, take } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const whereReference: Reference = (inputs, node) => {
  const [condition, a, b] = inputs.map((input, index) =>
    take(input, broadcastOffsets(inputShape(node, index), outputShape(node)), newOutput(node)),
  );
  const y = newOutput(node);
  for (let i = 0; i < y.length; i++) y[i] = at(condition?.[i] === 1 ? (a ?? y) : (b ?? y), i);
  return [y];
};
