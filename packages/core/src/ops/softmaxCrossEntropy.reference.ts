// softmaxCrossEntropy: a label that is no class gives NaN.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { eachLogSoftmax } from "../reference/softmax.ts";

export const softmaxCrossEntropyReference: Reference = (inputs, node) => {
  const [logits, labels] = [at(inputs, 0), at(inputs, 1)];
  const y = newOutput(node);
  eachLogSoftmax(logits, inputShape(node), 1, (lane, _, logs) => {
    y[lane] = -(logs[at(labels, lane)] ?? Number.NaN);
  });
  return [y];
};
