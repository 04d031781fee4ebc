// First values of parameters. Each is a function of the shape and of the parameter's own random stream.
import {
  AttributeError,
  type Initialiser,
  type RandomKey,
  type Shape,
  ShapeError,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  showShape,
  sizeOf,
} from "@stria/core";

import { checkOptions, wordOf } from "./check-options.ts";
import { checkFinite } from "./check.ts";

export { dirac, eye, orthogonal, sparse } from "./structured-initialisers.ts";

/** Functions whose gain is known: how much they shrink the deviation of what passes through them. */
export type Nonlinearity = "linear" | "conv" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** The factor that keeps the variance through a nonlinearity. `slope` is leaky ReLU's, 0.01 by default. As PyTorch's `calculate_gain`. */
export function gainOf(nonlinearity: Nonlinearity, slope = 0.01): number {
  const gains: Readonly<Record<Nonlinearity, number>> = {
    linear: 1,
    conv: 1,
    sigmoid: 1,
    tanh: 5 / 3,
    relu: Math.SQRT2,
    leakyRelu: Math.sqrt(2 / (1 + slope ** 2)),
    selu: 3 / 4,
  };
  return wordOf("initialiser", "nonlinearity", nonlinearity, gains);
}

/** Inputs that one output sees, and outputs that one input reaches, of a weight [outputs, inputs / groups, ...kernel]. @throws ShapeError. */
export function fansOf(shape: Shape): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = shape;
  if (outputs === undefined || inputs === undefined)
    throw new ShapeError("initialiser", `${showShape(shape)} has no fan`, "use it for weights with two or more axes");
  const places = sizeOf(kernel);
  return { fanIn: inputs * places, fanOut: outputs * places };
}

function filled(shape: Shape, fill: (out: Float32Array) => void): Float32Array {
  const out = new Float32Array(sizeOf(shape));
  fill(out);
  return out;
}

function uniformOf(shape: Shape, key: RandomKey, low: number, high: number): Float32Array {
  return filled(shape, (out) => fillUniform(key, 0, out, low, high));
}

function normalOf(shape: Shape, key: RandomKey, mean: number, standardDeviation: number): Float32Array {
  return filled(shape, (out) => {
    fillNormal(key, 0, out);
    for (let index = 0; index < out.length; index++) out[index] = mean + standardDeviation * (out[index] ?? 0);
  });
}

/** Every element is `value`. */
export function constant(value: number): Initialiser {
  checkFinite("constant", { value });
  return (shape) => filled(shape, (out) => out.fill(value));
}

export const zeros: Initialiser = /* @__PURE__ */ constant(0);
export const ones: Initialiser = /* @__PURE__ */ constant(1);

/** Uniform in [low, high). */
export function uniform(low: number, high: number): Initialiser {
  checkFinite("uniform", { low, high });
  return (shape, key) => uniformOf(shape, key, low, high);
}

/** Normally distributed. */
export function normal(mean = 0, standardDeviation = 1): Initialiser {
  checkFinite("normal", { mean, standardDeviation });
  return (shape, key) => normalOf(shape, key, mean, standardDeviation);
}

/** Normal with `mean` and `standardDeviation`, cut to [low, high] (by default [-2, 2]). */
export function truncatedNormal(mean = 0, standardDeviation = 1, low = -2, high = 2): Initialiser {
  return (shape, key) =>
    filled(shape, (out) => fillTruncatedNormal(key, 0, out, { mean, standardDeviation, low, high }));
}

export interface XavierOptions {
  /** Factor on the deviation; see {@link gainOf}. Default 1. */
  readonly gain?: number;
}

/** Standard deviation gain sqrt(2 / (fanIn + fanOut)), uniform (Glorot & Bengio 2010). */
export function xavierUniform({ gain = 1 }: XavierOptions = {}): Initialiser {
  checkFinite("xavierUniform", { gain });
  return (shape, key) => {
    const { fanIn, fanOut } = fansOf(shape);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    return uniformOf(shape, key, -bound, bound);
  };
}

/** Standard deviation gain sqrt(2 / (fanIn + fanOut)), normal (Glorot & Bengio 2010). */
export function xavierNormal({ gain = 1 }: XavierOptions = {}): Initialiser {
  checkFinite("xavierNormal", { gain });
  return (shape, key) => {
    const { fanIn, fanOut } = fansOf(shape);
    return normalOf(shape, key, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
  };
}

export interface KaimingOptions {
  /** Keep the variance of what goes forward ("fanIn") or of the gradients ("fanOut"). Default "fanIn". */
  readonly mode?: "fanIn" | "fanOut";
  /** What follows the layer. Default "leakyRelu", as in PyTorch. */
  readonly nonlinearity?: Nonlinearity;
  /** Slope of leaky ReLU. Default 0, which is ReLU. */
  readonly slope?: number;
}

function kaimingDeviation(shape: Shape, options: KaimingOptions): number {
  const { mode = "fanIn", nonlinearity = "leakyRelu", slope = 0 } = options;
  checkOptions("kaiming initialiser", options, { mode, nonlinearity, slope });
  checkFinite("kaiming initialiser", { slope });
  const { fanIn, fanOut } = fansOf(shape);
  const fan = wordOf("kaiming initialiser", "mode", mode, { fanIn, fanOut });
  if (fan === 0)
    throw new AttributeError("kaiming initialiser", `a weight ${showShape(shape)} has no inputs`, "use sizes above 0");
  return gainOf(nonlinearity, slope) / Math.sqrt(fan);
}

/** Standard deviation gain / sqrt(fan), uniform (He et al. 2015). */
export function kaimingUniform(options: KaimingOptions = {}): Initialiser {
  return (shape, key) => {
    const bound = Math.sqrt(3) * kaimingDeviation(shape, options);
    return uniformOf(shape, key, -bound, bound);
  };
}

/** Standard deviation gain / sqrt(fan), normal (He et al. 2015). */
export function kaimingNormal(options: KaimingOptions = {}): Initialiser {
  return (shape, key) => normalOf(shape, key, 0, kaimingDeviation(shape, options));
}

/** PyTorch's default for weights of convolutions and dense layers: uniform within 1 / sqrt(fanIn). */
export const defaultWeight: Initialiser = /* @__PURE__ */ kaimingUniform({ slope: Math.sqrt(5) });

/** PyTorch's default for their biases: uniform within 1 / sqrt(fanIn), where fanIn is the weight's. */
export function defaultBias(fanIn: number): Initialiser {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform(-bound, bound);
}
