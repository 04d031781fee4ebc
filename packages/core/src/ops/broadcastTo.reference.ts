// broadcastTo.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, outputShape } from "../reference/node.ts";
import { broadcastOffsets, take } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const broadcastToReference: Reference = (inputs, node) => [
  take(at(inputs, 0), broadcastOffsets(inputShape(node), outputShape(node)), newOutput(node)),
];
