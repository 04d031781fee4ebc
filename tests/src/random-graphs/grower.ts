// Grows a convolutional network at random: every kind of layer, in odd shapes. What grows depends on the seed and the shapes alone, never on values.
import {
  add,
  at,
  conv,
  logSoftmax,
  matmul,
  max,
  mean,
  mul,
  neg,
  oneHot,
  relu,
  reshape,
  sigmoid,
  softmaxCrossEntropy,
  square as squared,
  sub,
  sum,
  type Tensor,
} from "@stria/core";
import { branches, dense, inverted, residual } from "./blocks.ts";
import { convolution, depthwise, pointwise, repeated, square, transposed } from "./convolutions.ts";
import { activated, chain } from "./elementwise.ts";
import { drawn, type Ground, type Layer, ones, spatialAxes, tell } from "./ground.ts";
import { groupNormalised, normalised, normalisedTwice } from "./normalisation.ts";
import { attended, cropped, gated, mirrored, padded, pooling, shuffled, upsampled } from "./pooling.ts";

const then =
  (layer: (ground: Ground, x: Tensor) => Tensor): Layer =>
  (ground, x) =>
    activated(ground, layer(ground, x));

const layers: readonly (readonly [weight: number, layer: Layer])[] = [
  [4, then(convolution)],
  [3, then((ground, x) => square(ground, x))],
  [2, then((ground, x) => pointwise(ground, x))],
  [2, then(depthwise)],
  [1, then(repeated)],
  [1, then(transposed)],
  [3, pooling],
  [3, chain],
  [2, normalised],
  [1, normalisedTwice],
  [1, groupNormalised],
  [2, residual],
  [1, inverted],
  [2, branches],
  [1, dense],
  [1, upsampled],
  [1, padded],
  [1, cropped],
  [1, gated],
  [1, attended],
  [1, shuffled],
  [1, mirrored],
];

/** Some layers. */
export function body(ground: Ground, x: Tensor): Tensor {
  let y = x;
  for (let count = ground.random.integer(2, 7); count > 0; count--) y = drawn(ground, layers)(ground, y);
  return y;
}

function fully(ground: Ground, x: Tensor, outputs: number): Tensor {
  const weight = ground.take("weight", [outputs, at(x.shape, 1)]);
  const y = matmul(x, weight, { transposeB: true });
  return ground.random.chance(0.8) ? add(y, ground.take("shift", [outputs])) : y;
}

/** Logits: [n, classes], or [n, classes, ...spatial] where each place has a label. */
export function head(ground: Ground, x: Tensor, classes: number): Tensor {
  const kind = ground.random.pick(["mean", "max", "flatten", "places"] as const);
  tell(ground, `head over ${kind}`, x);
  if (kind === "places")
    return conv(x, ground.take("weight", [classes, at(x.shape, 1), ...ones(x)]), {
      bias: ground.take("shift", [classes]),
    });
  const flat =
    kind === "mean"
      ? mean(x, spatialAxes(x))
      : kind === "max"
        ? max(x, spatialAxes(x))
        : reshape(x, [at(x.shape, 0), x.shape.slice(1).reduce((product, length) => product * length, 1)]);
  const hidden = ground.random.chance(0.5) ? relu(fully(ground, flat, ground.random.integer(1, 20))) : flat;
  return fully(ground, hidden, classes);
}

/** A number for how far the logits are from the labels. */
export function loss(ground: Ground, logits: Tensor, labels: Tensor): Tensor {
  const classes = at(logits.shape, 1);
  const wanted = (): Tensor => {
    const last = oneHot(labels, classes); // the classes come last
    const order = last.shape.map((_, axis) => (axis === 0 ? 0 : axis === 1 ? last.shape.length - 1 : axis - 1));
    return last.transpose(order);
  };
  const kind = ground.random.pick(["entropy", "entropy", "entropy", "sum", "smooth", "squares", "penalty"] as const);
  tell(ground, `loss by ${kind}`, logits);
  const entropy = (): Tensor => mean(softmaxCrossEntropy(logits, labels));
  switch (kind) {
    case "entropy":
      return entropy();
    case "sum":
      return mul(sum(softmaxCrossEntropy(logits, labels)), 0.1);
    case "smooth": {
      const smooth = add(mul(wanted(), 0.9), 0.1 / classes);
      return neg(mean(sum(mul(smooth, logSoftmax(logits, 1)), 1)));
    }
    case "squares":
      return mean(squared(sub(sigmoid(logits), wanted())));
    case "penalty":
      return add(entropy(), mul(mean(squared(logits)), 0.01));
  }
}
