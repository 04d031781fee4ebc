// Lengths of vectors, and vectors of length 1.
import { type Tensor, abs, div, equal, max, maximum, pow, sqrt, square, sum, where } from "@stria/core";
import { axisFromZero } from "../axes.ts";

/** (sum of |x|^order)^(1 / order) along an axis. Where an Euclidean length is 0, so is its gradient. */
export function vectorNorm(x: Tensor, order: number, axis: number, keepDims = false): Tensor {
  if (order === 2) {
    const total = sum(square(x), axis, { keepDims });
    const zero = equal(total, 0);
    return where(zero, 0, sqrt(where(zero, 1, total)));
  }
  const size = abs(x);
  if (order === Infinity) return max(size, axis, { keepDims });
  if (order === 1) return sum(size, axis, { keepDims });
  return pow(sum(pow(size, order), axis, { keepDims }), 1 / order);
}

export interface NormalizeOptions {
  /** 2: Euclidean. Default 2. */
  readonly order?: number;
  /** Default 1, the channels. */
  readonly axis?: number;
  /** The least that is divided by. Default 1e-12. */
  readonly epsilon?: number;
}

/** x divided by its length along an axis: vectors of length 1. As PyTorch's `normalize`. @throws AttributeError where there is no such axis. */
export function normalize(x: Tensor, { order = 2, axis = 1, epsilon = 1e-12 }: NormalizeOptions = {}): Tensor {
  return div(x, maximum(vectorNorm(x, order, axisFromZero("normalize", axis, x.rank), true), epsilon));
}
