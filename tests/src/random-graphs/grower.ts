// Grows a convolutional network at random: every kind of layer, in odd shapes. What grows depends on the seed and the shapes alone, never on values.
import {
  add,
  at,
  avgPool,
  batchNormEvaluation,
  batchNormTraining,
  concat,
  conv,
  convTranspose,
  matmul,
  maximum,
  maxPool,
  mean,
  minimum,
  mul,
  pad,
  relu,
  reshape,
  type Shape,
  sigmoid,
  sizeOf,
  slice,
  tanh,
  type Tensor,
  transpose,
} from "@stria/core";
import { interpolate } from "@stria/layers";
import type { Random } from "./random.ts";

/** What a parameter is: its numbers are drawn accordingly. */
export type Kind = "weight" | "scale" | "shift";

/** Hands out the next parameter, which has this shape. */
export type Take = (kind: Kind, shape: Shape) => Tensor;

/** Elements of a value that a layer may still make larger. */
const largestValue = 6000;

type Layer = (x: Tensor) => Tensor;

/** Grows one network; `told` is what it grew, for people. */
export class Grower {
  readonly told: string[] = [];
  readonly #random: Random;
  readonly #take: Take;
  /** Channels that it goes up to. */
  readonly #widest: number;

  constructor(random: Random, take: Take) {
    this.#random = random;
    this.#take = take;
    this.#widest = random.pick([4, 9, 9, 20, 40]);
  }

  /** Some layers. */
  body(x: Tensor): Tensor {
    const layers: readonly (readonly [weight: number, layer: Layer])[] = [
      [4, (y) => this.#activated(this.#convolution(y))],
      [3, (y) => this.#activated(this.#square(y))],
      [2, (y) => this.#activated(this.#pointwise(y))],
      [2, (y) => this.#activated(this.#depthwise(y))],
      [2, (y) => this.#pooling(y)],
      [2, (y) => this.#normalised(y)],
      [2, (y) => this.#residual(y)],
      [2, (y) => this.#branches(y)],
      [1, (y) => this.#activated(this.#transposed(y))],
      [1, (y) => this.#upsampled(y)],
      [1, (y) => this.#padded(y)],
      [1, (y) => this.#cropped(y)],
      [1, (y) => this.#gated(y)],
      [1, (y) => this.#shuffled(y)],
    ];
    const urn = layers.flatMap(([weight, layer]) => Array.from({ length: weight }, () => layer));
    let y = x;
    for (let count = this.#random.integer(2, 7); count > 0; count--) y = this.#random.pick(urn)(y);
    return y;
  }

  /** Logits: [n, classes], or [n, classes, ...spatial] where each place has a label. */
  head(x: Tensor, classes: number): Tensor {
    const kind = this.#random.pick(["mean", "flatten", "places"] as const);
    this.#tell(`head over ${kind}`, x);
    if (kind === "places")
      return conv(x, this.#take("weight", [classes, at(x.shape, 1), ...ones(x)]), {
        bias: this.#take("shift", [classes]),
      });
    const flat = kind === "mean" ? mean(x, spatialAxes(x)) : reshape(x, [at(x.shape, 0), -1]);
    const hidden = this.#random.chance(0.5) ? relu(this.#dense(flat, this.#random.integer(1, 20))) : flat;
    return this.#dense(hidden, classes);
  }

  #tell(what: string, x: Tensor): void {
    this.told.push(`${what} of [${x.shape.join()}]`);
  }

  #dense(x: Tensor, outputs: number): Tensor {
    const weight = this.#take("weight", [outputs, at(x.shape, 1)]);
    const y = matmul(x, weight, { transposeB: true });
    return this.#random.chance(0.8) ? add(y, this.#take("shift", [outputs])) : y;
  }

  #activated(x: Tensor): Tensor {
    return this.#random.pick<Layer>([
      relu,
      relu,
      relu,
      (y) => y,
      (y) => relu(this.#normalised(y)),
      (y) => relu(this.#normalised(y)),
      sigmoid,
      tanh,
      (y) => minimum(relu(y), 1),
      (y) => maximum(y, mul(y, 0.1)),
    ])(x);
  }

  #bias(outputs: number): { bias?: Tensor } {
    return this.#random.chance(0.6) ? { bias: this.#take("shift", [outputs]) } : {};
  }

  /** Any stride, padding, dilation and groups that fit. */
  #convolution(x: Tensor): Tensor {
    const random = this.#random;
    const channels = at(x.shape, 1);
    const groups = random.chance(0.7) ? 1 : random.pick(divisors(channels));
    const outputs = groups * random.integer(1, Math.max(1, Math.floor(this.#widest / groups)));
    const spatial = x.shape.slice(2);
    const padding = spatial.map(() => [random.integer(0, 2), random.integer(0, 2)] as const);
    const dilation = spatial.map(() => (random.chance(0.8) ? 1 : 2));
    const kernel = spatial.map((length, axis) => {
      const room = length + at(padding, axis)[0] + at(padding, axis)[1];
      const most = Math.floor((room - 1) / at(dilation, axis)) + 1;
      return random.integer(1, Math.min(spatial.length === 3 ? 3 : 5, most));
    });
    const stride = spatial.map(() => random.pick([1, 1, 2, 3]));
    this.#tell(
      `conv to ${outputs}, kernel ${kernel.join()}, stride ${stride.join()}, padding ${padding.join(" ")}, dilation ${dilation.join()}, groups ${groups}`,
      x,
    );
    const weight = this.#take("weight", [outputs, channels / groups, ...kernel]);
    return conv(x, weight, { stride, padding, dilation, groups, ...this.#bias(outputs) });
  }

  /** Kernels of 3, stride 1, padding 1. */
  #square(x: Tensor, outputs = this.#random.integer(1, this.#widest)): Tensor {
    this.#tell(`conv of 3 to ${outputs}`, x);
    const weight = this.#take("weight", [outputs, at(x.shape, 1), ...ones(x).map(() => 3)]);
    return conv(x, weight, { padding: 1, ...this.#bias(outputs) });
  }

  #pointwise(x: Tensor, outputs = this.#random.integer(1, this.#widest)): Tensor {
    const stride = this.#random.pick([1, 1, 1, 2]);
    this.#tell(`conv of 1 to ${outputs}, stride ${stride}`, x);
    return conv(x, this.#take("weight", [outputs, at(x.shape, 1), ...ones(x)]), { stride, ...this.#bias(outputs) });
  }

  #depthwise(x: Tensor): Tensor {
    const random = this.#random;
    const channels = at(x.shape, 1);
    const multiplier = random.pick([1, 1, 1, 2, 3]);
    const size = random.pick([1, 3, 3, 3, 5]);
    const stride = random.pick([1, 1, 2]);
    this.#tell(`depthwise conv of ${size}, ${multiplier} for each channel, stride ${stride}`, x);
    const weight = this.#take("weight", [channels * multiplier, 1, ...ones(x).map(() => size)]);
    return conv(x, weight, {
      padding: (size - 1) / 2,
      stride,
      groups: channels,
      ...this.#bias(channels * multiplier),
    });
  }

  #transposed(x: Tensor): Tensor {
    const random = this.#random;
    const stride = sizeOf(x.shape) > largestValue / 8 ? 1 : random.pick([1, 2, 2, 3]);
    const size = random.integer(1, 3);
    const channels = at(x.shape, 1);
    const groups = random.chance(0.8) ? 1 : random.pick(divisors(channels));
    const outputs = groups * random.integer(1, Math.max(1, Math.floor(this.#widest / groups)));
    const outputPadding = stride > 1 && random.chance(0.3) ? 1 : 0;
    this.#tell(`transposed conv of ${size} to ${outputs}, stride ${stride} + ${outputPadding}, groups ${groups}`, x);
    const weight = this.#take("weight", [channels, outputs / groups, ...ones(x).map(() => size)]);
    return convTranspose(x, weight, { stride, outputPadding, groups, ...this.#bias(outputs) });
  }

  #pooling(x: Tensor): Tensor {
    const random = this.#random;
    const spatial = x.shape.slice(2);
    const kernel = spatial.map((length) => random.integer(1, Math.min(3, length)));
    const stride = spatial.map(() => random.pick([1, 2, 2, 3]));
    const padding = kernel.map((size) => (random.chance(0.3) ? Math.floor(size / 2) : 0));
    const ceilMode = random.chance(0.3);
    const isMax = random.chance(0.6);
    const countPadding = random.chance(0.5);
    this.#tell(
      `${isMax ? "max" : "average"} pool of ${kernel.join()}, stride ${stride.join()}, padding ${padding.join()}${ceilMode ? ", ceil" : ""}`,
      x,
    );
    const options = { stride, padding: padding.map((both) => [both, both] as const), ceilMode };
    return isMax ? maxPool(x, kernel, options) : avgPool(x, kernel, { ...options, countPadding });
  }

  /** By the batch's statistics where there are enough values for one, else by given ones. */
  #normalised(x: Tensor): Tensor {
    const channels = at(x.shape, 1);
    const [scale, shift] = [this.#take("scale", [channels]), this.#take("shift", [channels])];
    const training = sizeOf(x.shape) / channels >= 12 && this.#random.chance(0.8);
    this.#tell(training ? "batch norm" : "batch norm by given statistics", x);
    if (training) return batchNormTraining(x, scale, shift).y;
    const statistics = { mean: this.#take("shift", [channels]), variance: this.#take("scale", [channels]) };
    return batchNormEvaluation(x, scale, shift, statistics);
  }

  #residual(x: Tensor): Tensor {
    const channels = at(x.shape, 1);
    this.#tell("residual block", x);
    const inner = this.#activated(this.#square(x));
    const y = this.#random.chance(0.5)
      ? this.#normalised(this.#square(inner, channels))
      : this.#square(inner, channels);
    return this.#random.chance(0.8) ? relu(add(y, x)) : add(x, y);
  }

  #branches(x: Tensor): Tensor {
    this.#tell("branches", x);
    const made = Array.from({ length: this.#random.integer(1, 3) }, () =>
      this.#activated(this.#square(x, this.#random.integer(1, Math.ceil(this.#widest / 2)))),
    );
    const parts = this.#random.chance(0.6) ? [x, ...made] : made;
    return concat(parts, 1);
  }

  #upsampled(x: Tensor): Tensor {
    if (sizeOf(x.shape) > largestValue / 8) return x;
    this.#tell("upsampling", x);
    return interpolate(x, { scaleFactor: 2, mode: "nearest" });
  }

  #padded(x: Tensor): Tensor {
    const amounts = spatialAxes(x).map(() => [this.#random.integer(0, 2), this.#random.integer(0, 2)] as const);
    this.#tell(`padding ${amounts.join(" ")}`, x);
    return pad(x, [[0, 0], [0, 0], ...amounts], this.#random.pick([0, 0, -1, 0.5]));
  }

  #cropped(x: Tensor): Tensor {
    const start = x.shape.map((length, axis) => (axis < 1 ? 0 : this.#random.integer(0, Math.floor((length - 1) / 3))));
    const size = x.shape.map((length, axis) => (axis < 1 ? length : this.#random.integer(1, length - at(start, axis))));
    this.#tell(`from ${start.join()} on [${size.join()}]`, x);
    return slice(x, start, size);
  }

  /** Squeeze and excitation. */
  #gated(x: Tensor): Tensor {
    const channels = at(x.shape, 1);
    this.#tell("gate", x);
    const squeezed = mean(x, spatialAxes(x), { keepDims: true });
    const gate = sigmoid(conv(squeezed, this.#take("weight", [channels, channels, ...ones(x)]), this.#bias(channels)));
    return mul(x, gate);
  }

  #shuffled(x: Tensor): Tensor {
    const [batch, channels, ...spatial] = x.shape;
    const groups = this.#random.pick(divisors(channels ?? 1));
    this.#tell(`shuffle of ${groups} groups`, x);
    const split = reshape(x, [batch ?? 1, groups, (channels ?? 1) / groups, ...spatial]);
    const order = split.shape.map((_, axis) => (axis === 1 ? 2 : axis === 2 ? 1 : axis));
    return reshape(transpose(split, order), x.shape);
  }
}

/** A 1 for each spatial axis. */
function ones(x: Tensor): number[] {
  return x.shape.slice(2).map(() => 1);
}

function spatialAxes(x: Tensor): number[] {
  return x.shape.slice(2).map((_, axis) => axis + 2);
}

function divisors(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((divisor) => count % divisor === 0);
}
