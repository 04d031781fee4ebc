// pad: the input is written into a filled output.
import { at, stridesOf } from "../tensor/aval.ts";
import { toStored } from "../tensor/dtype.ts";
import { inputShape, newOutput, numberAttribute, outputDType, outputShape, pairsAttribute } from "../reference/node.ts";
import { offsets } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const padReference: Reference = (inputs, node) => {
  const strides = stridesOf(outputShape(node));
  const start = pairsAttribute(node, "padding").reduce((sum, [before], axis) => sum + before * at(strides, axis), 0);
  const y = newOutput(node).fill(toStored(outputDType(node), numberAttribute(node, "value")));
  for (const [i, where] of offsets(inputShape(node), strides, start).entries()) y[where] = at(at(inputs, 0), i);
  return [y];
};
