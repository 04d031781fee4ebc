// Dropout of whole channels, and of whole branches.
import { type Shape, type Tensor, bernoulli, isTraining, mul } from "@stria/core";
import { checkProbability, checkSpatialAxes } from "./check.ts";
import { Module, inLayer, placeOf } from "./module.ts";

/** In training x times a mask of the given shape, of which `probability` is 0 and the rest 1 / (1 - probability). */
function masked(layer: Module, kind: string, x: Tensor, probability: number, mask: Shape): Tensor {
  const kept = 1 - probability;
  const place = placeOf(layer, kind);
  if (!isTraining(layer, place) || kept === 1) return x;
  return inLayer(layer, kind, () => (kept === 0 ? mul(x, 0) : mul(x, mul(bernoulli(mask, kept, place), 1 / kept))));
}

abstract class ChannelDropout extends Module {
  readonly kind: string;
  readonly axes: number;
  readonly probability: number;

  constructor(kind: string, axes: number, probability: number) {
    super();
    checkProbability(kind, probability);
    this.kind = kind;
    this.axes = axes;
    this.probability = probability;
  }

  override forward(x: Tensor): Tensor {
    inLayer(this, this.kind, () => checkSpatialAxes(this.kind, x, this.axes));
    const mask = x.shape.map((length, axis) => (axis < 2 ? length : 1));
    return masked(this, this.kind, x, this.probability, mask);
  }
}

/** Drops whole channels of [N, C, length]. As {@link Dropout2d}. */
export class Dropout1d extends ChannelDropout {
  constructor(probability = 0.5) {
    super("Dropout1d", 1, probability);
  }
}

/**
 * In training each channel of each example of [N, C, H, W] is 0 with `probability`, and the others are divided by 1 - probability; in evaluation
 * nothing happens (Tompson et al. 2015). Neighbouring pixels say nearly the same: dropping them one by one drops little.
 * @throws AttributeError when the probability is not from 0 to 1; ModeError when a gradient is taken without a mode.
 */
export class Dropout2d extends ChannelDropout {
  constructor(probability = 0.5) {
    super("Dropout2d", 2, probability);
  }
}

/** Drops whole channels of [N, C, D, H, W]. As {@link Dropout2d}. */
export class Dropout3d extends ChannelDropout {
  constructor(probability = 0.5) {
    super("Dropout3d", 3, probability);
  }
}

/**
 * Stochastic depth (Huang et al. 2016): in training each example [N, ...] is 0 as a whole with `probability`, and the others are divided by
 * 1 - probability; in evaluation nothing happens. It stands at the end of a residual branch, whose example then is the identity.
 * @throws AttributeError when the probability is not from 0 to 1; ModeError when a gradient is taken without a mode.
 */
export class DropPath extends Module {
  readonly probability: number;

  constructor(probability = 0.1) {
    super();
    checkProbability("DropPath", probability);
    this.probability = probability;
  }

  override forward(x: Tensor): Tensor {
    const mask = x.shape.map((length, axis) => (axis === 0 ? length : 1));
    return masked(this, "DropPath", x, this.probability, mask);
  }
}

/** A {@link Dropout1d}. */
export function dropout1d(probability = 0.5): Dropout1d {
  return new Dropout1d(probability);
}

/** A {@link Dropout2d}. */
export function dropout2d(probability = 0.5): Dropout2d {
  return new Dropout2d(probability);
}

/** A {@link Dropout3d}. */
export function dropout3d(probability = 0.5): Dropout3d {
  return new Dropout3d(probability);
}

/** A {@link DropPath}. */
export function dropPath(probability = 0.1): DropPath {
  return new DropPath(probability);
}
