// Local response normalisation.
import { type Tensor, add, at, avgPool, div, mul, pad, pow, reshape, square } from "@stria/core";
import { checkSizes } from "../check.ts";
import { checkOptions } from "../check-options.ts";
import { Module, inLayer } from "../module.ts";

export interface LocalResponseNormOptions {
  /** Factor on the mean of the squares. Default 1e-4. */
  readonly alpha?: number;
  /** Exponent. Default 0.75. */
  readonly beta?: number;
  /** Added to the mean. Default 1. */
  readonly k?: number;
}

/**
 * x / (k + alpha (mean of x^2 over `size` neighbouring channels))^beta of x [N, C, ...] (Krizhevsky, Sutskever & Hinton 2012). Channels outside count
 * as 0; an even size reaches one further back. As in PyTorch, alpha is divided by the size: AlexNet's 1e-4 on a sum of five is 5e-4 here.
 * @throws AttributeError for a size below 1.
 */
export function localResponseNorm(
  x: Tensor,
  size: number,
  { alpha = 1e-4, beta = 0.75, k = 1 }: LocalResponseNormOptions = {},
): Tensor {
  checkSizes("localResponseNorm", { size });
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
  const places = x.shape.slice(2).reduce((product, length) => product * length, 1);
  const squares = reshape(square(x), [batch, 1, channels, places]);
  const padded = pad(squares, [
    [0, 0],
    [0, 0],
    [Math.floor(size / 2), Math.floor((size - 1) / 2)],
    [0, 0],
  ]);
  const local = reshape(avgPool(padded, [size, 1], { stride: 1 }), x.shape);
  return div(x, pow(add(mul(local, alpha), k), beta));
}

/** {@link localResponseNorm} as a layer. */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly options: LocalResponseNormOptions;

  constructor(size: number, options: LocalResponseNormOptions = {}) {
    super();
    checkSizes("LocalResponseNorm", { size });
    checkOptions("LocalResponseNorm", options, { alpha: 1, beta: 1, k: 1 });
    this.size = size;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "LocalResponseNorm", () => localResponseNorm(x, this.size, this.options));
  }
}
