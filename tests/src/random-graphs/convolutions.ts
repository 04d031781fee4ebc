// Convolutions of a random network: any geometry, and those that have algorithms of their own.
import { at, conv, convTranspose, relu, sizeOf, type Tensor } from "@stria/core";
import { bias, channelsOf, divisors, type Ground, largestValue, ones, tell } from "./ground.ts";

/** Any stride, padding, dilation and groups that fit. */
export function convolution(ground: Ground, x: Tensor): Tensor {
  const { random, take, widest } = ground;
  const channels = channelsOf(x);
  const groups = random.chance(0.7) ? 1 : random.pick(divisors(channels));
  const outputs = groups * random.integer(1, Math.max(1, Math.floor(widest / groups)));
  const spatial = x.shape.slice(2);
  const padding = spatial.map(() => [random.integer(0, 2), random.integer(0, 2)] as const);
  const dilation = spatial.map(() => random.pick([1, 1, 1, 1, 2, 2, 3]));
  const kernel = spatial.map((length, axis) => {
    const room = length + at(padding, axis)[0] + at(padding, axis)[1];
    const most = Math.floor((room - 1) / at(dilation, axis)) + 1;
    return random.integer(1, Math.min(spatial.length === 3 ? 3 : random.pick([3, 5, 7]), most));
  });
  const stride = spatial.map(() => random.pick([1, 1, 2, 3]));
  tell(
    ground,
    `conv to ${outputs}, kernel ${kernel.join()}, stride ${stride.join()}, padding ${padding.join(" ")}, dilation ${dilation.join()}, groups ${groups}`,
    x,
  );
  const weight = take("weight", [outputs, channels / groups, ...kernel]);
  return conv(x, weight, { stride, padding, dilation, groups, ...bias(ground, outputs) });
}

/** Kernels of 3, stride 1, padding 1. */
export function square(ground: Ground, x: Tensor, outputs: number = ground.random.integer(1, ground.widest)): Tensor {
  tell(ground, `conv of 3 to ${outputs}`, x);
  const weight = ground.take("weight", [outputs, channelsOf(x), ...ones(x).map(() => 3)]);
  return conv(x, weight, { padding: 1, ...bias(ground, outputs) });
}

export function pointwise(
  ground: Ground,
  x: Tensor,
  outputs: number = ground.random.integer(1, ground.widest),
  stride: number = ground.random.pick([1, 1, 1, 2]),
): Tensor {
  tell(ground, `conv of 1 to ${outputs}, stride ${stride}`, x);
  return conv(x, ground.take("weight", [outputs, channelsOf(x), ...ones(x)]), { stride, ...bias(ground, outputs) });
}

export function depthwise(ground: Ground, x: Tensor): Tensor {
  const { random, take } = ground;
  const channels = channelsOf(x);
  const multiplier = random.pick([1, 1, 1, 2, 3]);
  const size = random.pick([1, 3, 3, 3, 5]);
  const [stride, dilation] = [random.pick([1, 1, 2]), random.pick([1, 1, 1, 2])];
  tell(ground, `depthwise conv of ${size}, ${multiplier} for each channel, stride ${stride}, dilation ${dilation}`, x);
  const weight = take("weight", [channels * multiplier, 1, ...ones(x).map(() => size)]);
  const padding = (dilation * (size - 1)) / 2;
  return conv(x, weight, {
    padding,
    stride,
    dilation,
    groups: channels,
    ...bias(ground, channels * multiplier),
  });
}

export function transposed(ground: Ground, x: Tensor): Tensor {
  const { random, take, widest } = ground;
  const stride = sizeOf(x.shape) > largestValue / 8 ? 1 : random.pick([1, 2, 2, 3]);
  const size = random.integer(1, 4);
  const channels = channelsOf(x);
  const groups = random.chance(0.8) ? 1 : random.pick(divisors(channels));
  const outputs = groups * random.integer(1, Math.max(1, Math.floor(widest / groups)));
  const outputPadding = stride > 1 && random.chance(0.3) ? 1 : 0;
  // Something has to be left of each axis.
  const padding = size > 2 && random.chance(0.5) ? 1 : 0;
  tell(
    ground,
    `transposed conv of ${size} to ${outputs}, stride ${stride} + ${outputPadding}, padding ${padding}, groups ${groups}`,
    x,
  );
  const weight = take("weight", [channels, outputs / groups, ...ones(x).map(() => size)]);
  return convTranspose(x, weight, { stride, outputPadding, padding, groups, ...bias(ground, outputs) });
}

/** One weight in two places, on what it made itself: its gradient is a sum. */
export function repeated(ground: Ground, x: Tensor): Tensor {
  const channels = channelsOf(x);
  tell(ground, "the same conv of 3 twice", x);
  const weight = ground.take("weight", [channels, channels, ...ones(x).map(() => 3)]);
  return conv(relu(conv(x, weight, { padding: 1 })), weight, { padding: 1, ...bias(ground, channels) });
}
