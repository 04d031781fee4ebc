// batchNormTraining: mean and biased variance of each channel, and x normalised by them.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute } from "../reference/node.ts";
import { channelLanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const batchNormTrainingReference: Reference = (inputs, node) => {
  const [x, weight, bias] = [at(inputs, 0), at(inputs, 1), at(inputs, 2)];
  const [y, means, variances] = [newOutput(node, 0), newOutput(node, 1), newOutput(node, 2)];
  for (const [channel, where] of channelLanes(inputShape(node)).entries()) {
    const mean = where.reduce((sum, place) => sum + at(x, place), 0) / where.length;
    const variance = where.reduce((sum, place) => sum + (at(x, place) - mean) ** 2, 0) / where.length;
    const factor = at(weight, channel) / Math.sqrt(variance + numberAttribute(node, "epsilon"));
    for (const place of where) y[place] = (at(x, place) - mean) * factor + at(bias, channel);
    means[channel] = mean;
    variances[channel] = variance;
  }
  return [y, means, variances];
};
