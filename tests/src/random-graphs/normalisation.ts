// Normalisation in a random network: by the batch, by given figures, by each example.
import {
  add,
  batchNormEvaluation,
  batchNormTraining,
  concat,
  div,
  mean,
  mul,
  relu,
  reshape,
  sizeOf,
  sqrt,
  square,
  sub,
  type Tensor,
} from "@stria/core";
import { channelsOf, divisors, type Ground, ones, spatialAxes, tell } from "./ground.ts";

/** Whether each channel has enough values for statistics. */
function hasStatistics(x: Tensor): boolean {
  return sizeOf(x.shape) / channelsOf(x) >= 12;
}

/** By the batch's statistics where there are enough values for one, else by given ones. */
export function normalised(ground: Ground, x: Tensor): Tensor {
  const { random, take } = ground;
  const channels = channelsOf(x);
  const [scale, shift] = [take("scale", [channels]), take("shift", [channels])];
  const training = hasStatistics(x) && random.chance(0.8);
  tell(ground, training ? "batch norm" : "batch norm by given statistics", x);
  if (training) return batchNormTraining(x, scale, shift).y;
  return batchNormEvaluation(x, scale, shift, { mean: take("shift", [channels]), variance: take("scale", [channels]) });
}

/** One scale and shift in two places, whose statistics differ; or one image under two pairs of them, whose statistics are the same. */
export function normalisedTwice(ground: Ground, x: Tensor): Tensor {
  if (!hasStatistics(x)) return x;
  const channels = channelsOf(x);
  const pair = (): [Tensor, Tensor] => [ground.take("scale", [channels]), ground.take("shift", [channels])];
  const sharesScale = ground.random.chance(0.5);
  tell(ground, sharesScale ? "two batch norms of one scale" : "two batch norms of one image", x);
  const [scale, shift] = pair();
  const first = relu(batchNormTraining(x, scale, shift).y);
  if (sharesScale) return add(first, batchNormTraining(mul(square(x), 0.5), scale, shift).y);
  const [otherScale, otherShift] = pair();
  return concat([first, batchNormTraining(x, otherScale, otherShift).y], 1);
}

/** By the mean and variance of each group of channels of each example. */
export function groupNormalised(ground: Ground, x: Tensor): Tensor {
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  const groups = ground.random.pick(divisors(channels));
  if (sizeOf(x.shape) / batch / groups < 12) return x;
  tell(ground, `normalisation of ${groups} groups`, x);
  const parts = reshape(x, [batch, groups, channels / groups, ...spatial]);
  const axes = [2, ...spatialAxes(x).map((axis) => axis + 1)];
  const centred = sub(parts, mean(parts, axes, { keepDims: true }));
  const variance = mean(square(centred), axes, { keepDims: true });
  const y = reshape(div(centred, sqrt(add(variance, 1e-3))), x.shape);
  return add(mul(y, ground.take("scale", [channels, ...ones(x)])), ground.take("shift", [channels, ...ones(x)]));
}
