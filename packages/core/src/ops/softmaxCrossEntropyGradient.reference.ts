// softmaxCrossEntropyGradient: dy (softmax - one-hot), NaN where the label is no class.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { eachLogSoftmax } from "../reference/softmax.ts";

export const softmaxCrossEntropyGradientReference: Reference = (inputs, node) => {
  const [dy, logits, labels] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
  const gradient = newOutput(node);
  eachLogSoftmax(logits, inputShape(node, 1), 1, (lane, where, logs) => {
    const label = at(labels, lane);
    const weight = label >= 0 && label < where.length ? at(dy, lane) : Number.NaN;
    for (const [k, place] of where.entries())
      gradient[place] = weight * (Math.exp(at(logs, k)) - (k === label ? 1 : 0));
  });
  return [gradient];
};
