// Pooling layers over images.
import { type AvgPoolOptions, type PerAxis, type PoolOptions, type Tensor, avgPool, maxPool, mean } from "@stria/core";
import { Module, inLayer } from "./module.ts";

/** The largest element of every window: [N, C, H, W] -> [N, C, H', W']. The stride is the kernel unless given. */
export class MaxPool2d extends Module {
  readonly kernel: PerAxis;
  readonly options: PoolOptions;

  constructor(kernel: PerAxis, options: PoolOptions = {}) {
    super();
    this.kernel = kernel;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "MaxPool2d", () => maxPool(x, this.kernel, this.options));
  }
}

/** The mean of every window: [N, C, H, W] -> [N, C, H', W']. The stride is the kernel unless given. */
export class AvgPool2d extends Module {
  readonly kernel: PerAxis;
  readonly options: AvgPoolOptions;

  constructor(kernel: PerAxis, options: AvgPoolOptions = {}) {
    super();
    this.kernel = kernel;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "AvgPool2d", () => avgPool(x, this.kernel, this.options));
  }
}

/** The mean of every channel over its places: [N, C, ...] -> [N, C] (Lin, Chen & Yan 2013). */
export class GlobalAvgPool extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "GlobalAvgPool", () =>
      mean(
        x,
        Array.from({ length: x.rank - 2 }, (_, axis) => axis + 2),
      ),
    );
  }
}

/** A {@link MaxPool2d}. */
export function maxPool2d(kernel: PerAxis, options: PoolOptions = {}): MaxPool2d {
  return new MaxPool2d(kernel, options);
}

/** An {@link AvgPool2d}. */
export function avgPool2d(kernel: PerAxis, options: AvgPoolOptions = {}): AvgPool2d {
  return new AvgPool2d(kernel, options);
}

/** A {@link GlobalAvgPool}. */
export function globalAvgPool(): GlobalAvgPool {
  return new GlobalAvgPool();
}
