// logSoftmax.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { eachLogSoftmax } from "../reference/softmax.ts";

export const logSoftmaxReference: Reference = (inputs, node) => {
  const y = newOutput(node);
  eachLogSoftmax(at(inputs, 0), inputShape(node), numberAttribute(node, "axis"), (_, where, logs) => {
    for (const [k, place] of where.entries()) y[place] = at(logs, k);
  });
  return [y];
};
