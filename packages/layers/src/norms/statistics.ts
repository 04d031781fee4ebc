// What normalisations share: statistics over axes, and scale and shift by channel.
import { type Tensor, type TensorLike, add, asTensor, at, div, mean, mul, sqrt, square, sub, sum } from "@stria/core";
import { alongChannels } from "../axes.ts";

/** The variance over `axes`, dividing by the count less `correction`. */
export function variance(x: Tensor, axes: readonly number[], correction = 0, keepDims = false): Tensor {
  const count = axes.reduce((product, axis) => product * at(x.shape, axis), 1);
  const deviation = sub(x, mean(x, axes, { keepDims: true }));
  return mul(sum(square(deviation), axes, { keepDims }), 1 / Math.max(0, count - correction));
}

/** (x - mean) / sqrt(variance + epsilon), both over `axes`. */
export function standardise(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return div(centred, sqrt(add(mean(square(centred), axes, { keepDims: true }), epsilon)));
}

/** x [N, C, ...] weight + bias, of [C] each. */
export function scaleChannels(x: Tensor, weight: TensorLike | undefined, bias: TensorLike | undefined): Tensor {
  const scaled = weight === undefined ? x : mul(x, alongChannels(asTensor(weight, "weight"), x.rank));
  return bias === undefined ? scaled : add(scaled, alongChannels(asTensor(bias, "bias"), x.rank));
}

/** Scale and shift of a normalisation, and what keeps it from dividing by 0. */
export interface NormOptions {
  readonly weight?: TensorLike;
  readonly bias?: TensorLike;
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
}
