// Pooling by powers, to a given size, and what undoes max pooling.
import {
  AttributeError,
  type PerAxis,
  type PoolOptions,
  type Shape,
  ShapeError,
  type Tensor,
  abs,
  at,
  avgPool,
  maxPoolGradient,
  maxPoolWithIndices,
  mul,
  pow,
  relu,
  sign,
  showShape,
  sizeOf,
} from "@stria/core";
import { checkSizes } from "./check.ts";
import { Module, inLayer } from "./module.ts";

function perAxis(value: PerAxis, count: number): readonly number[] {
  return typeof value === "number" ? Array.from({ length: count }, () => value) : value;
}

/**
 * (sum of x^order over a window)^(1 / order), for every window over the spatial axes of x [N, C, ...] (Sermanet, Chintala & LeCun 2012):
 * order 1 is the sum, 2 the Euclidean length, towards infinity the maximum. As PyTorch's `lp_pool`; for odd orders x should not be negative.
 * @throws AttributeError for an order that is not above 0, ShapeError for a kernel that does not fit.
 */
export function lpPool(x: Tensor, order: number, kernel: PerAxis, options: PoolOptions = {}): Tensor {
  if (!(order > 0)) throw new AttributeError("lpPool", `order is ${order}`, "use a number above 0");
  const average = avgPool(pow(x, order), kernel, options);
  const total = mul(mul(sign(average), relu(abs(average))), sizeOf(perAxis(kernel, x.rank - 2)));
  return pow(total, 1 / order);
}

/** {@link lpPool} as a layer, over 1, 2 or 3 spatial axes. */
export class LpPool extends Module {
  readonly order: number;
  readonly kernel: PerAxis;
  readonly options: PoolOptions;

  constructor(order: number, kernel: PerAxis, options: PoolOptions = {}) {
    super();
    if (!(order > 0)) throw new AttributeError("LpPool", `order is ${order}`, "use a number above 0");
    this.order = order;
    this.kernel = kernel;
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "LpPool", () => lpPool(x, this.order, this.kernel, this.options));
  }
}

/** One size for all spatial axes, or one for each; null leaves an axis as it is. */
export type AdaptiveSize = number | readonly (number | null)[];

/** The kernel, and stride, that cuts the spatial axes into equal windows. */
function equalWindows(layer: string, x: Tensor, size: AdaptiveSize): number[] {
  const spatial = x.shape.slice(2);
  if (typeof size !== "number" && size.length !== spatial.length)
    throw new AttributeError(
      layer,
      `${size.length} sizes for ${spatial.length} spatial axes`,
      "give one for each axis",
    );
  return spatial.map((length, axis) => {
    const wanted = typeof size === "number" ? size : (at(size, axis) ?? length);
    checkSizes(layer, { size: wanted });
    if (length % wanted !== 0)
      throw new ShapeError(
        layer,
        `spatial axis ${axis} of ${showShape(x.shape)} does not divide into ${wanted} equal windows`,
        "give an input whose size is a multiple; windows of different sizes are not there yet",
      );
    return length / wanted;
  });
}

/**
 * The means of equal windows, so many that the spatial axes of x [N, C, ...] get the given sizes.
 * @throws ShapeError where an axis is not a multiple of its new size: PyTorch's windows of different sizes are not there yet.
 */
export function adaptiveAvgPool(x: Tensor, size: AdaptiveSize): Tensor {
  return avgPool(x, equalWindows("adaptiveAvgPool", x, size));
}

/** The largest elements of equal windows and their places. As {@link adaptiveAvgPool}. */
export function adaptiveMaxPool(x: Tensor, size: AdaptiveSize): { values: Tensor; indices: Tensor } {
  return maxPoolWithIndices(x, equalWindows("adaptiveMaxPool", x, size));
}

/** {@link adaptiveAvgPool} as a layer, over 1, 2 or 3 spatial axes. */
export class AdaptiveAvgPool extends Module {
  readonly size: AdaptiveSize;

  constructor(size: AdaptiveSize) {
    super();
    this.size = size;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "AdaptiveAvgPool", () => adaptiveAvgPool(x, this.size));
  }
}

/** {@link adaptiveMaxPool} as a layer, over 1, 2 or 3 spatial axes. */
export class AdaptiveMaxPool extends Module {
  readonly size: AdaptiveSize;

  constructor(size: AdaptiveSize) {
    super();
    this.size = size;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "AdaptiveMaxPool", () => adaptiveMaxPool(x, this.size).values);
  }
}

/**
 * What max pooling kept, back at its places, zeros elsewhere (Zeiler & Fergus 2014): `values` and `indices` as `maxPoolWithIndices` gave them with
 * this kernel and these options, `inputSize` the spatial sizes that it had seen.
 */
export function maxUnpool(
  values: Tensor,
  indices: Tensor,
  inputSize: Shape,
  kernel: PerAxis,
  { stride = kernel, dilation = 1 }: Pick<PoolOptions, "stride" | "dilation"> = {},
): Tensor {
  const count = inputSize.length;
  return maxPoolGradient(values, indices, {
    kernel: perAxis(kernel, count),
    stride: perAxis(stride, count),
    dilation: perAxis(dilation, count),
    padding: inputSize.map(() => [0, 0] as const),
    inputSize: [...inputSize],
  });
}
