// batchNormGradient (Ioffe & Szegedy 2015): with z the normalised x, dx = weight / sqrt(variance + epsilon) (dy - mean(dy) - z mean(dy z)).
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute } from "../reference/node.ts";
import { channelLanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const batchNormGradientReference: Reference = (inputs, node) => {
  const [dy, x, weight, means, variances] = [at(inputs, 0), at(inputs, 1), at(inputs, 2), at(inputs, 3), at(inputs, 4)];
  const [dx, dWeight, dBias] = [newOutput(node, 0), newOutput(node, 1), newOutput(node, 2)];
  for (const [channel, where] of channelLanes(inputShape(node, 1)).entries()) {
    const inverse = 1 / Math.sqrt(at(variances, channel) + numberAttribute(node, "epsilon"));
    const normal = (place: number): number => (at(x, place) - at(means, channel)) * inverse;
    const sumOfDy = where.reduce((sum, place) => sum + at(dy, place), 0);
    const sumOfProducts = where.reduce((sum, place) => sum + at(dy, place) * normal(place), 0);
    for (const place of where)
      dx[place] =
        at(weight, channel) *
        inverse *
        (at(dy, place) - sumOfDy / where.length - (normal(place) * sumOfProducts) / where.length);
    dWeight[channel] = sumOfProducts;
    dBias[channel] = sumOfDy;
  }
  return [dx, dWeight, dBias];
};
