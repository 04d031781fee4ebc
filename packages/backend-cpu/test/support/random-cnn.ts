// Small convolutional networks with odd shapes, drawn from a seed: everything that images flow through, in any order.
import {
  add,
  at,
  avgPool,
  batchNormTraining,
  concat,
  conv,
  convTranspose,
  flip,
  matmul,
  max,
  maxPool,
  mean,
  mul,
  pad,
  relu,
  reshape,
  slice,
  sub,
  sum,
  tanh,
  transpose,
  type Tensor,
} from "@stria/core";
import type { Random } from "./random.ts";

/** Gives a tensor of numbers of this shape: a constant of the network. */
export type Weights = (shape: readonly number[]) => Tensor;

function convolution(random: Random, x: Tensor, weights: Weights): Tensor {
  const [channels = 1, ...spatial] = x.shape.slice(1);
  const groups = random.pick([1, 1, 1, channels, channels % 2 === 0 ? 2 : 1]);
  const kernel = spatial.map((size) => random.integer(1, Math.min(3, size)));
  const outputs = groups * random.integer(1, groups > 2 ? 2 : 9);
  const weight = weights([outputs, channels / groups, ...kernel]);
  const y = conv(x, weight, {
    groups,
    stride: kernel.map(() => random.pick([1, 1, 2])),
    padding: kernel.map((size): [number, number] => [random.integer(0, size - 1), random.integer(0, size - 1)]),
  });
  return random.chance(0.5) ? add(y, weights([outputs, ...spatial.map(() => 1)])) : y;
}

function pooling(random: Random, x: Tensor): Tensor {
  const kernel = x.shape.slice(2).map((size) => random.integer(1, Math.min(3, size)));
  const padding = kernel.map((size): [number, number] => [random.integer(0, size >> 1), random.integer(0, size >> 1)]);
  const options = { stride: kernel.map(() => random.integer(1, 2)), padding };
  return random.chance(0.6) ? maxPool(x, kernel, options) : avgPool(x, kernel, options);
}

/** Nearest neighbours, twice as large along every axis. */
function doubled(x: Tensor): Tensor {
  const [images = 1, channels = 1, ...spatial] = x.shape;
  const apart = reshape(x, [images, channels, ...spatial.flatMap((size) => [size, 1])]);
  const wide = add(apart, reshape(sub(x, x), [images, channels, ...spatial.flatMap((size) => [size, 1])]));
  return reshape(concat([wide, wide], 3), [images, channels, at(spatial, 0) * 2, ...spatial.slice(1)]);
}

/** The channels in groups, dealt out anew. */
function shuffled(x: Tensor): Tensor {
  const [images = 1, channels = 1, ...spatial] = x.shape;
  const groups = channels % 2 === 0 ? 2 : 1;
  const grouped = reshape(x, [images, groups, channels / groups, ...spatial]);
  return reshape(transpose(grouped, [0, 2, 1, ...spatial.map((_, axis) => axis + 3)]), x.shape);
}

function grow(random: Random, values: readonly Tensor[], weights: Weights): Tensor {
  const x = random.pick(values.slice(-3));
  const same = random.pick(values.filter((value) => value.shape.join() === x.shape.join()));
  const channels = at(x.shape, 1);
  const spatial = x.shape.slice(2);
  const kinds: (() => Tensor)[] = [
    () => convolution(random, x, weights),
    () => convolution(random, x, weights),
    () => relu(convolution(random, x, weights)),
    () =>
      convTranspose(x, weights([channels, random.integer(1, 5), ...spatial.map(() => 2)]), {
        stride: random.integer(1, 2),
      }),
    () => batchNormTraining(x, weights([channels]), weights([channels])).y,
    () => pooling(random, x),
    () => add(x, same),
    () => relu(sub(x, same)),
    () =>
      mul(
        x,
        mean(
          x,
          spatial.map((_, axis) => axis + 2),
          { keepDims: true },
        ),
      ),
    () => mul(x, weights(x.shape)),
    () => sub(x, max(x, 1, { keepDims: true })),
    () => concat([x, same, tanh(x)], random.integer(0, x.shape.length - 1)),
    () =>
      slice(
        x,
        x.shape.map(() => 0),
        x.shape.map((size, axis) => (axis === 1 ? Math.ceil(size / 2) : size)),
      ),
    () =>
      slice(
        x,
        x.shape.map((size, axis) => (axis > 1 && size > 2 ? 1 : 0)),
        x.shape.map((size, axis) => (axis > 1 && size > 2 ? size - 1 : size)),
      ),
    () =>
      pad(
        x,
        x.shape.map((_, axis): [number, number] => (axis > 0 ? [random.integer(0, 1), random.integer(0, 1)] : [0, 0])),
      ),
    () => flip(x, [random.integer(0, x.shape.length - 1)]),
    () => (spatial.length === 2 ? doubled(x) : x),
    () => shuffled(x),
    () => matmul(x, weights([at(x.shape, x.shape.length - 1), random.integer(1, 6)])),
  ];
  return random.pick(kinds)();
}

/** A scalar made of images, and a few values on the way. */
export function randomNetwork(random: Random, x: Tensor, weights: Weights): Tensor[] {
  const values = [x];
  for (let count = random.integer(3, 9); count > 0; count--) {
    const made = grow(random, values, weights);
    // Kept small in numbers and in size.
    values.push(made.size > 6000 ? mean(made, made.rank - 1, { keepDims: true }) : tanh(made));
  }
  const last = at(values, values.length - 1);
  const features = reshape(last, [at(last.shape, 0), last.size / at(last.shape, 0)]);
  const out = matmul(features, weights([at(features.shape, 1), 3]));
  return [sum(mul(out, out)), random.pick(values), out];
}
