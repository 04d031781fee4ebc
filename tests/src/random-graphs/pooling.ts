// Pooling of a random network, and what else is done with the places of an image.
import {
  at,
  avgPool,
  concat,
  conv,
  flip,
  max,
  maxPool,
  mean,
  mul,
  pad,
  reshape,
  sigmoid,
  sizeOf,
  slice,
  softmax,
  type Tensor,
  transpose,
} from "@stria/core";
import { interpolate } from "@stria/layers";
import { bias, channelsOf, divisors, type Ground, largestValue, ones, spatialAxes, tell } from "./ground.ts";

/** Windows that overlap or leave gaps, reach over the border or not. */
export function pooling(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  const spatial = x.shape.slice(2);
  const kernel = spatial.map((length) => random.integer(1, Math.min(random.pick([2, 3, 3, 5]), length)));
  const stride = spatial.map(() => random.pick([1, 1, 2, 2, 3]));
  const padding = kernel.map((size) => (random.chance(0.4) ? Math.floor(size / 2) : 0));
  const ceilMode = random.chance(0.3);
  const isMax = random.chance(0.6);
  const countPadding = random.chance(0.5);
  tell(
    ground,
    `${isMax ? "max" : "average"} pool of ${kernel.join()}, stride ${stride.join()}, padding ${padding.join()}${ceilMode ? ", ceil" : ""}`,
    x,
  );
  const options = { stride, padding: padding.map((both) => [both, both] as const), ceilMode };
  return isMax ? maxPool(x, kernel, options) : avgPool(x, kernel, { ...options, countPadding });
}

export function upsampled(ground: Ground, x: Tensor): Tensor {
  if (sizeOf(x.shape) > largestValue / 8) return x;
  tell(ground, "upsampling", x);
  return interpolate(x, { scaleFactor: 2, mode: "nearest" });
}

export function padded(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  const amounts = spatialAxes(x).map(() => [random.integer(0, 2), random.integer(0, 2)] as const);
  tell(ground, `padding ${amounts.join(" ")}`, x);
  return pad(x, [[0, 0], [0, 0], ...amounts], random.pick([0, 0, -1, 0.5]));
}

export function cropped(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  const start = x.shape.map((length, axis) => (axis < 1 ? 0 : random.integer(0, Math.floor((length - 1) / 3))));
  const size = x.shape.map((length, axis) => (axis < 1 ? length : random.integer(1, length - at(start, axis))));
  tell(ground, `from ${start.join()} on [${size.join()}]`, x);
  return slice(x, start, size);
}

/** Squeeze and excitation. */
export function gated(ground: Ground, x: Tensor): Tensor {
  const channels = channelsOf(x);
  tell(ground, "gate", x);
  const squeezed = ground.random.chance(0.7)
    ? mean(x, spatialAxes(x), { keepDims: true })
    : max(x, spatialAxes(x), { keepDims: true });
  const weight = ground.take("weight", [channels, channels, ...ones(x)]);
  return mul(x, sigmoid(conv(squeezed, weight, bias(ground, channels))));
}

/** What the places, or the channels, say of how much each counts. */
export function attended(ground: Ground, x: Tensor): Tensor {
  const { random, take } = ground;
  const [axis, kept] = [random.integer(1, x.shape.length - 1), random.chance(0.5)];
  tell(ground, `softmax along axis ${axis}`, x);
  const scores = conv(x, take("weight", [kept ? channelsOf(x) : 1, channelsOf(x), ...ones(x)]));
  return mul(x, mul(softmax(scores, kept ? axis : 2), at(x.shape, kept ? axis : 2)));
}

export function shuffled(ground: Ground, x: Tensor): Tensor {
  const [batch, channels, ...spatial] = x.shape;
  const groups = ground.random.pick(divisors(channels ?? 1));
  tell(ground, `shuffle of ${groups} groups`, x);
  const split = reshape(x, [batch ?? 1, groups, (channels ?? 1) / groups, ...spatial]);
  const order = split.shape.map((_, axis) => (axis === 1 ? 2 : axis === 2 ? 1 : axis));
  return reshape(transpose(split, order), x.shape);
}

/** The image beside its mirror image. */
export function mirrored(ground: Ground, x: Tensor): Tensor {
  if (sizeOf(x.shape) > largestValue / 2) return x;
  const axis = ground.random.integer(2, x.shape.length - 1);
  tell(ground, `mirrored along ${axis}`, x);
  return concat([x, flip(x, axis)], ground.random.pick([1, axis]));
}
