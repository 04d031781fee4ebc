// Activation functions with settings or parameters as layers. What each computes is said at its function.
import { Parameter, type Tensor, logSoftmax, softmax } from "@stria/core";
import { checkSizes } from "../check.ts";
import { constant } from "../initialisers.ts";
import { Module, inLayer } from "../module.ts";
import { celu, elu } from "./exponential.ts";
import { glu, hardTanh, hardshrink, softshrink, threshold } from "./piecewise.ts";
import { leakyRelu, maxout, prelu } from "./rectifiers.ts";
import { type SoftplusOptions, softplus } from "./smooth.ts";

/** {@link leakyRelu} as a layer. */
export class LeakyReLU extends Module {
  readonly slope: number;

  constructor(slope = 0.01) {
    super();
    this.slope = slope;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "LeakyReLU", () => leakyRelu(x, this.slope));
  }
}

/** {@link elu} as a layer. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "ELU", () => elu(x, this.alpha));
  }
}

/** {@link celu} as a layer. */
export class CELU extends Module {
  readonly alpha: number;

  constructor(alpha = 1) {
    super();
    this.alpha = alpha;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "CELU", () => celu(x, this.alpha));
  }
}

/** {@link hardTanh} as a layer. */
export class HardTanh extends Module {
  readonly low: number;
  readonly high: number;

  constructor(low = -1, high = 1) {
    super();
    this.low = low;
    this.high = high;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "HardTanh", () => hardTanh(x, this.low, this.high));
  }
}

/** {@link threshold} as a layer. */
export class Threshold extends Module {
  readonly limit: number;
  readonly value: number;

  constructor(limit: number, value: number) {
    super();
    this.limit = limit;
    this.value = value;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Threshold", () => threshold(x, this.limit, this.value));
  }
}

/** {@link softshrink} as a layer. */
export class Softshrink extends Module {
  readonly width: number;

  constructor(width = 0.5) {
    super();
    this.width = width;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Softshrink", () => softshrink(x, this.width));
  }
}

/** {@link hardshrink} as a layer. */
export class Hardshrink extends Module {
  readonly width: number;

  constructor(width = 0.5) {
    super();
    this.width = width;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Hardshrink", () => hardshrink(x, this.width));
  }
}

/** {@link glu} as a layer. */
export class GLU extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "GLU", () => glu(x, this.axis));
  }
}

/** {@link maxout} as a layer: cross-channel max pooling. */
export class Maxout extends Module {
  readonly pieces: number;
  readonly axis: number;

  constructor(pieces: number, axis = 1) {
    super();
    this.pieces = pieces;
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Maxout", () => maxout(x, this.pieces, this.axis));
  }
}

/** exp(x) divided by its sum along `axis`, by default the channels. */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis = 1) {
    super();
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Softmax", () => softmax(x, this.axis));
  }
}

/** The logarithm of {@link Softmax}, without loss of digits. */
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis = 1) {
    super();
    this.axis = axis;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "LogSoftmax", () => logSoftmax(x, this.axis));
  }
}

/** {@link softplus} as a layer. */
export class Softplus extends Module {
  readonly options: SoftplusOptions;

  constructor(options: SoftplusOptions = {}) {
    super();
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Softplus", () => softplus(x, this.options));
  }
}

/** {@link prelu} with a learned slope for all channels, or one for each of `channels`. Parameter: `weight` [channels]. */
export class PReLU extends Module {
  readonly weight: Parameter;

  constructor(channels = 1, initial = 0.25) {
    super();
    checkSizes("PReLU", { channels });
    this.weight = new Parameter([channels], constant(initial));
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "PReLU", () => prelu(x, this.weight));
  }
}
