// Functions that are layers too, whose sizes a list of layers works out: normalisations and PReLU.
import { AttributeError, type Shape, type Tensor, type TensorLike, isTensor, showShape } from "@stria/core";
import { prelu as preluOf } from "./activations/rectifiers.ts";
import { PReLU } from "./activations/set-layers.ts";
import { channelsOf } from "./check.ts";
import type { LayerFactory } from "./module.ts";
import { GroupNorm, type GroupNormOptions, groupNorm as groupNormOf } from "./norms/group-norm.ts";
import {
  LayerNorm,
  type LayerNormOptions,
  RMSNorm,
  type RmsNormOptions,
  layerNorm as layerNormOf,
  rmsNorm as rmsNormOf,
} from "./norms/layer-norm.ts";
import type { NormOptions } from "./norms/statistics.ts";

interface LastAxes {
  /** How many axes, from the last, are normalised together. Default 1: the features. */
  readonly axes?: number;
}

function lastOf(kind: string, input: Shape, axes: number): Shape {
  if (!Number.isInteger(axes) || axes < 1 || axes > input.length)
    throw new AttributeError(
      kind,
      `axes is ${axes}, and the input ${showShape(input)} for each example`,
      `use 1 to ${input.length}`,
    );
  return input.slice(input.length - axes);
}

/**
 * Layer normalisation (Ba, Kiros & Hinton 2016): (x - mean) / sqrt(variance + epsilon) weight + bias over the last axes, whose lengths are `shape`; without a
 * tensor a {@link LayerNorm} over the last `axes` of its input. @throws ShapeError.
 */
export function layerNorm(x: Tensor, shape: number | Shape, options?: NormOptions): Tensor;
export function layerNorm(options?: LayerNormOptions & LastAxes): LayerFactory;
export function layerNorm(
  first: Tensor | (LayerNormOptions & LastAxes) = {},
  shape: number | Shape = [],
  options: NormOptions = {},
): Tensor | LayerFactory {
  if (isTensor(first)) return layerNormOf(first, shape, options);
  const { axes = 1, ...rest } = first;
  return (input) => new LayerNorm(lastOf("layerNorm", input, axes), rest);
}

/**
 * Normalisation by the root of the mean square (Zhang & Sennrich 2019): x / sqrt(mean of x^2 + epsilon) weight over the last axes, whose lengths are
 * `shape`; without a tensor an {@link RMSNorm} over the last `axes` of its input. @throws ShapeError.
 */
export function rmsNorm(x: Tensor, shape: number | Shape, options?: RmsNormOptions): Tensor;
export function rmsNorm(options?: Omit<LayerNormOptions, "bias"> & LastAxes): LayerFactory;
export function rmsNorm(
  first: Tensor | (Omit<LayerNormOptions, "bias"> & LastAxes) = {},
  shape: number | Shape = [],
  options: RmsNormOptions = {},
): Tensor | LayerFactory {
  if (isTensor(first)) return rmsNormOf(first, shape, options);
  const { axes = 1, ...rest } = first;
  return (input) => new RMSNorm(lastOf("rmsNorm", input, axes), rest);
}

/**
 * Group normalisation (Wu & He 2018): zero mean and unit variance over each of `groups` groups of neighbouring channels and all their places, for each
 * example of x [N, C, ...]; then scaled by `weight` [C] and shifted by `bias` [C]. Without a tensor a {@link GroupNorm}.
 * @throws AttributeError when the channels do not divide into the groups.
 */
export function groupNorm(x: Tensor, groups: number, options?: NormOptions): Tensor;
export function groupNorm(groups: number, options?: GroupNormOptions): LayerFactory;
export function groupNorm(
  first: Tensor | number,
  second: number | GroupNormOptions = {},
  options: NormOptions = {},
): Tensor | LayerFactory {
  if (isTensor(first)) return groupNormOf(first, typeof second === "number" ? second : NaN, options);
  const settings = typeof second === "number" ? {} : second;
  return (input) => new GroupNorm(first, channelsOf(input), settings);
}

/** How a `prelu` layer begins. */
export interface PReluOptions {
  /** A slope for each channel, rather than one for all. Default false. */
  readonly perChannel?: boolean;
  /** First value of the slopes. Default 0.25. */
  readonly initial?: number;
}

/**
 * x above 0, else weight x (He et al. 2015): `weight` has one number, or one for each channel of x [N, C, ...]. Without a tensor a {@link PReLU}, whose
 * slopes are learned. @throws AttributeError when the weight has another count.
 */
export function prelu(x: Tensor, weight: TensorLike): Tensor;
export function prelu(options?: PReluOptions): LayerFactory;
export function prelu(first: Tensor | PReluOptions = {}, weight?: TensorLike): Tensor | LayerFactory {
  if (isTensor(first)) {
    if (weight === undefined) throw new AttributeError("prelu", "the slopes are missing", "pass prelu(x, weight)");
    return preluOf(first, weight);
  }
  const { perChannel = false, initial = 0.25 } = first;
  return (input) => new PReLU(perChannel ? channelsOf(input) : 1, initial);
}
