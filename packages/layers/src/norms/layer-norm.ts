// Normalisation of each example over its last axes: by mean and variance, or by the root of the mean square.
import {
  AttributeError,
  Parameter,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorLike,
  add,
  div,
  mean,
  mul,
  showShape,
  sqrt,
  square,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkOptions } from "../check-options.ts";
import { checkEpsilon, checkSizes } from "../check.ts";
import * as initialisers from "../initialisers.ts";
import { Module, inLayer } from "../module.ts";
import { type NormOptions, standardise } from "./statistics.ts";

/** The axes of x that `shape` names, which are its last. @throws ShapeError where x does not end in `shape`. */
function lastAxes(layer: string, x: Tensor, shape: Shape): number[] {
  const first = x.rank - shape.length;
  if (first < 0 || shape.some((length, axis) => x.shape[first + axis] !== length))
    throw new ShapeError(
      layer,
      `the input is ${showShape(x.shape)}, and ${showShape(shape)} is to be normalised`,
      "give the lengths of the input's last axes",
    );
  return range(x.rank).slice(first);
}

function listed(layer: string, shape: number | Shape): Shape {
  const lengths = typeof shape === "number" ? [shape] : shape;
  const given: unknown = lengths; // what a list is by its type may be anything in JavaScript
  if (!Array.isArray(given))
    throw new AttributeError(layer, `the shape is ${JSON.stringify(shape)}`, "give the lengths of the last axes");
  return lengths;
}

/**
 * (x - mean) / sqrt(variance + epsilon) weight + bias over the last axes, whose lengths are `shape` (Ba, Kiros & Hinton 2016).
 * `weight` and `bias` are of `shape`. @throws ShapeError.
 */
export function layerNorm(
  x: Tensor,
  shape: number | Shape,
  { weight, bias, epsilon = 1e-5 }: NormOptions = {},
): Tensor {
  const y = standardise(x, lastAxes("layerNorm", x, listed("layerNorm", shape)), epsilon);
  const scaled = weight === undefined ? y : mul(y, weight);
  return bias === undefined ? scaled : add(scaled, bias);
}

export interface RmsNormOptions {
  readonly weight?: TensorLike;
  /** Added to the mean square. Default 2^-23, the step of float32 at 1, as in PyTorch. */
  readonly epsilon?: number;
}

/** x / sqrt(mean of x^2 + epsilon) weight over the last axes, whose lengths are `shape` (Zhang & Sennrich 2019). @throws ShapeError. */
export function rmsNorm(x: Tensor, shape: number | Shape, { weight, epsilon = 2 ** -23 }: RmsNormOptions = {}): Tensor {
  const power = mean(square(x), lastAxes("rmsNorm", x, listed("rmsNorm", shape)), { keepDims: true });
  const y = div(x, sqrt(add(power, epsilon)));
  return weight === undefined ? y : mul(y, weight);
}

export interface LayerNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether the result is scaled by `weight`, and shifted by `bias`. Default true. */
  readonly affine?: boolean;
  /** Whether there is a `bias` where there is a `weight`. Default true. */
  readonly bias?: boolean;
}

/** {@link layerNorm} as a layer. Parameters: `weight` and `bias` of `shape`. @throws AttributeError for sizes below 1. */
export class LayerNorm extends Module {
  readonly shape: Shape;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly epsilon: number;

  constructor(shape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const { epsilon = 1e-5, affine = true, bias = true } = options;
    checkOptions("LayerNorm", options, { epsilon, affine, bias });
    this.shape = listed("LayerNorm", shape);
    for (const length of this.shape) checkSizes("LayerNorm", { length });
    checkEpsilon("LayerNorm", epsilon);
    this.weight = affine ? new Parameter(this.shape, initialisers.ones) : null;
    this.bias = affine && bias ? new Parameter(this.shape, initialisers.zeros) : null;
    this.epsilon = epsilon;
  }

  override forward(x: Tensor): Tensor {
    const { shape, weight, bias, epsilon } = this;
    return inLayer(this, "LayerNorm", () =>
      layerNorm(x, shape, { epsilon, ...(weight && { weight }), ...(bias && { bias }) }),
    );
  }
}

/** {@link rmsNorm} as a layer. Parameter: `weight` of `shape`. @throws AttributeError for sizes below 1. */
export class RMSNorm extends Module {
  readonly shape: Shape;
  readonly weight: Parameter | null;
  readonly epsilon: number;

  constructor(shape: number | Shape, options: Omit<LayerNormOptions, "bias"> = {}) {
    super();
    const { epsilon = 2 ** -23, affine = true } = options;
    checkOptions("RMSNorm", options, { epsilon, affine });
    this.shape = listed("RMSNorm", shape);
    for (const length of this.shape) checkSizes("RMSNorm", { length });
    checkEpsilon("RMSNorm", epsilon);
    this.weight = affine ? new Parameter(this.shape, initialisers.ones) : null;
    this.epsilon = epsilon;
  }

  override forward(x: Tensor): Tensor {
    const { shape, weight, epsilon } = this;
    return inLayer(this, "RMSNorm", () => rmsNorm(x, shape, { epsilon, ...(weight && { weight }) }));
  }
}
