// Max and average pooling layers over 1, 2 and 3 spatial axes, and pooling of whole planes.
import {
  type AvgPoolOptions,
  type PerAxis,
  type PoolOptions,
  type Tensor,
  avgPool,
  max,
  maxPool,
  maxPoolWithIndices,
  mean,
} from "@stria/core";
import { spatialAxes } from "./axes.ts";
import { checkSpatialAxes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import { Module, inLayer } from "./module.ts";

const poolOptions = { stride: 1, padding: 0, dilation: 1, ceilMode: false };

abstract class MaxPooling extends Module {
  readonly kind: string;
  readonly axes: number;
  readonly kernel: PerAxis;
  readonly options: PoolOptions;

  constructor(kind: string, axes: number, kernel: PerAxis, options: PoolOptions) {
    super();
    checkOptions(kind, options, poolOptions);
    this.kind = kind;
    this.axes = axes;
    this.kernel = kernel;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => {
      checkSpatialAxes(this.kind, x, this.axes);
      return maxPool(x, this.kernel, this.options);
    });
  }

  /** The largest elements, and their places in the plane (row-major, int32), which `maxUnpool` takes. */
  withIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return inLayer(this, this.kind, () => {
      checkSpatialAxes(this.kind, x, this.axes);
      return maxPoolWithIndices(x, this.kernel, this.options);
    });
  }
}

/** The largest element of every window: [N, C, length] -> [N, C, length']. The stride is the kernel unless given. @throws ShapeError. */
export class MaxPool1d extends MaxPooling {
  constructor(kernel: PerAxis, options: PoolOptions = {}) {
    super("MaxPool1d", 1, kernel, options);
  }
}

/** The largest element of every window: [N, C, H, W] -> [N, C, H', W']. The stride is the kernel unless given. @throws ShapeError. */
export class MaxPool2d extends MaxPooling {
  constructor(kernel: PerAxis, options: PoolOptions = {}) {
    super("MaxPool2d", 2, kernel, options);
  }
}

/** The largest element of every window: [N, C, D, H, W] -> [N, C, D', H', W']. The stride is the kernel unless given. @throws ShapeError. */
export class MaxPool3d extends MaxPooling {
  constructor(kernel: PerAxis, options: PoolOptions = {}) {
    super("MaxPool3d", 3, kernel, options);
  }
}

abstract class AveragePooling extends Module {
  readonly kind: string;
  readonly axes: number;
  readonly kernel: PerAxis;
  readonly options: AvgPoolOptions;

  constructor(kind: string, axes: number, kernel: PerAxis, options: AvgPoolOptions) {
    super();
    checkOptions(kind, options, { ...poolOptions, countPadding: true, divisor: undefined });
    this.kind = kind;
    this.axes = axes;
    this.kernel = kernel;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => {
      checkSpatialAxes(this.kind, x, this.axes);
      return avgPool(x, this.kernel, this.options);
    });
  }
}

/** The mean of every window: [N, C, length] -> [N, C, length']. The stride is the kernel unless given. @throws ShapeError. */
export class AvgPool1d extends AveragePooling {
  constructor(kernel: PerAxis, options: AvgPoolOptions = {}) {
    super("AvgPool1d", 1, kernel, options);
  }
}

/** The mean of every window: [N, C, H, W] -> [N, C, H', W']. The stride is the kernel unless given. @throws ShapeError. */
export class AvgPool2d extends AveragePooling {
  constructor(kernel: PerAxis, options: AvgPoolOptions = {}) {
    super("AvgPool2d", 2, kernel, options);
  }
}

/** The mean of every window: [N, C, D, H, W] -> [N, C, D', H', W']. The stride is the kernel unless given. @throws ShapeError. */
export class AvgPool3d extends AveragePooling {
  constructor(kernel: PerAxis, options: AvgPoolOptions = {}) {
    super("AvgPool3d", 3, kernel, options);
  }
}

/** The mean of every channel over its places: [N, C, ...] -> [N, C] (Lin, Chen & Yan 2013). */
export class GlobalAvgPool extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "GlobalAvgPool", () => mean(x, spatialAxes(x.rank)));
  }
}

/** The largest element of every channel: [N, C, ...] -> [N, C] (Collobert et al. 2011). */
export class GlobalMaxPool extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "GlobalMaxPool", () => max(x, spatialAxes(x.rank)));
  }
}

/** A {@link MaxPool1d}. */
export function maxPool1d(kernel: PerAxis, options: PoolOptions = {}): MaxPool1d {
  return new MaxPool1d(kernel, options);
}

/** A {@link MaxPool2d}. */
export function maxPool2d(kernel: PerAxis, options: PoolOptions = {}): MaxPool2d {
  return new MaxPool2d(kernel, options);
}

/** A {@link MaxPool3d}. */
export function maxPool3d(kernel: PerAxis, options: PoolOptions = {}): MaxPool3d {
  return new MaxPool3d(kernel, options);
}

/** An {@link AvgPool1d}. */
export function avgPool1d(kernel: PerAxis, options: AvgPoolOptions = {}): AvgPool1d {
  return new AvgPool1d(kernel, options);
}

/** An {@link AvgPool2d}. */
export function avgPool2d(kernel: PerAxis, options: AvgPoolOptions = {}): AvgPool2d {
  return new AvgPool2d(kernel, options);
}

/** An {@link AvgPool3d}. */
export function avgPool3d(kernel: PerAxis, options: AvgPoolOptions = {}): AvgPool3d {
  return new AvgPool3d(kernel, options);
}

/** A {@link GlobalAvgPool}. */
export function globalAvgPool(): GlobalAvgPool {
  return new GlobalAvgPool();
}

/** A {@link GlobalMaxPool}. */
export function globalMaxPool(): GlobalMaxPool {
  return new GlobalMaxPool();
}
