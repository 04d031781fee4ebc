// Stochastic pooling (Zeiler & Fergus 2013): which element of a window is kept is drawn by their sizes.
import {
  type PerAxis,
  type Tensor,
  at,
  avgPool,
  cast,
  div,
  equal,
  iota,
  isTraining,
  less,
  lessEqual,
  matmul,
  mul,
  relu,
  reshape,
  sizeOf,
  slice,
  square,
  sum,
  unfold,
  uniform,
  where,
} from "@stria/core";
import { kernelSizes, spatialSizes } from "../check.ts";
import { checkOptions } from "../check-options.ts";
import { placeOf } from "../module.ts";
import { Pooling } from "./pooling.ts";

export interface StochasticPoolOptions {
  /** Default the kernel. */
  readonly stride?: PerAxis;
  /** Zeros around the spatial axes, which are never drawn. Default 0. */
  readonly padding?: PerAxis;
}

/** sum of x^2 / sum of x: the mean of a window's elements, each with its own size as weight. */
function expected(x: Tensor, kernel: readonly number[], options: StochasticPoolOptions): Tensor {
  const total = avgPool(x, kernel, options);
  return div(avgPool(square(x), kernel, options), where(equal(total, 0), 1, total));
}

/** One element of each window, drawn with its share of the window's sum. */
function drawn(x: Tensor, kernel: readonly number[], options: StochasticPoolOptions, stream: string): Tensor {
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
  const shape = avgPool(x, kernel, options).shape;
  const [taps, places] = [sizeOf(kernel), sizeOf(shape.slice(2))];
  const columns = reshape(unfold(x, { kernel, stride: kernel, ...options }), [batch, channels, taps, places]);
  const upTo = cast(lessEqual(iota([taps, taps], 1), iota([taps, taps], 0)), "float32");
  const sums = matmul(upTo, columns);
  const total = slice(sums, [0, 0, taps - 1, 0], [batch, channels, 1, places]);
  const mark = mul(uniform([batch, channels, 1, places], 0, 1, stream), total);
  const passed = sum(cast(lessEqual(sums, mark), "int32"), 2, { keepDims: true });
  const picked = sum(where(equal(iota([taps, 1], 0), passed), columns, 0), 2);
  // Of NaN and infinity no share can be had.
  const known = less(reshape(total, [batch, channels, places]), Infinity);
  return reshape(where(known, picked, Number.NaN), shape);
}

/**
 * In training one element of every window, drawn with the probability x / (sum of the window); in evaluation their mean under these probabilities,
 * (sum of x^2) / (sum of x) (Zeiler & Fergus 2013). What is negative counts as 0: it stands after a ReLU. A window of zeros gives 0. The gradient of
 * a draw goes to the element that was drawn. What is drawn is a function of the seed, the step and the layer's path: the same on every backend, but
 * where a sum is rounded otherwise.
 *
 * `axes`: how many spatial axes the input must have, any of 1 to 3 where it is not given.
 * @throws ShapeError, AttributeError; ModeError when a gradient is taken without a mode.
 */
export class StochasticPool extends Pooling {
  readonly kernel: PerAxis;
  readonly options: StochasticPoolOptions;

  constructor(kernel: PerAxis, options: StochasticPoolOptions = {}, axes?: number) {
    super("StochasticPool", axes);
    checkOptions("StochasticPool", options, { stride: 1, padding: 0 });
    this.kernel = kernel;
    this.options = options;
  }

  protected override pool(x: Tensor): Tensor {
    const kernel = kernelSizes(this.kind, this.kernel, spatialSizes(this.kind, x).length);
    const place = placeOf(this, this.kind);
    return isTraining(this, place)
      ? drawn(relu(x), kernel, this.options, place)
      : expected(relu(x), kernel, this.options);
  }
}

/** A {@link StochasticPool} over [N, C, length]. */
export function stochasticPool1d(kernel: PerAxis, options: StochasticPoolOptions = {}): StochasticPool {
  return new StochasticPool(kernel, options, 1);
}

/** A {@link StochasticPool} over [N, C, H, W]. */
export function stochasticPool2d(kernel: PerAxis, options: StochasticPoolOptions = {}): StochasticPool {
  return new StochasticPool(kernel, options, 2);
}

/** A {@link StochasticPool} over [N, C, D, H, W]. */
export function stochasticPool3d(kernel: PerAxis, options: StochasticPoolOptions = {}): StochasticPool {
  return new StochasticPool(kernel, options, 3);
}
