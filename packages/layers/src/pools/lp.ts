// Pooling by powers.
import {
  AttributeError,
  type PerAxis,
  type PoolOptions,
  type Tensor,
  avgPool,
  equal,
  mul,
  pow,
  sizeOf,
  where,
} from "@stria/core";
import { kernelSizes } from "../check.ts";
import { checkOptions } from "../check-options.ts";
import { Pooling } from "./pooling.ts";

/**
 * (sum of x^order over a window)^(1 / order), for every window over the spatial axes of x [N, C, ...] (Sermanet, Chintala & LeCun 2012):
 * order 1 is the sum, 2 the Euclidean length, towards infinity the maximum. As PyTorch's `lp_pool`; for odd orders x should not be negative.
 * A window whose sum is 0 has no gradient (PyTorch: NaN).
 * @throws AttributeError for an order that is not above 0, ShapeError for a kernel that does not fit.
 */
export function lpPool(x: Tensor, order: number, kernel: PerAxis, options: PoolOptions = {}): Tensor {
  if (!(order > 0)) throw new AttributeError("lpPool", `order is ${order}`, "use a number above 0");
  const sizes = kernelSizes("lpPool", kernel, x.rank - 2);
  const total = mul(avgPool(pow(x, order), sizes, options), sizeOf(sizes));
  const nothing = equal(total, 0);
  return where(nothing, 0, pow(where(nothing, 1, total), 1 / order));
}

/** {@link lpPool} as a layer; `axes`: how many spatial axes the input must have, any where it is not given. @throws AttributeError. */
export class LpPool extends Pooling {
  readonly order: number;
  readonly kernel: PerAxis;
  readonly options: PoolOptions;

  constructor(order: number, kernel: PerAxis, options: PoolOptions = {}, axes?: number) {
    super("LpPool", axes);
    checkOptions("LpPool", options, { stride: 1, padding: 0, dilation: 1, ceilMode: false });
    if (!(order > 0)) throw new AttributeError("LpPool", `order is ${order}`, "use a number above 0");
    this.order = order;
    this.kernel = kernel;
    this.options = options;
  }

  protected override pool(x: Tensor): Tensor {
    return lpPool(x, this.order, this.kernel, this.options);
  }
}

/** An {@link LpPool} over [N, C, length]. */
export function lpPool1d(order: number, kernel: PerAxis, options: PoolOptions = {}): LpPool {
  return new LpPool(order, kernel, options, 1);
}

/** An {@link LpPool} over [N, C, H, W]. */
export function lpPool2d(order: number, kernel: PerAxis, options: PoolOptions = {}): LpPool {
  return new LpPool(order, kernel, options, 2);
}

/** An {@link LpPool} over [N, C, D, H, W]. */
export function lpPool3d(order: number, kernel: PerAxis, options: PoolOptions = {}): LpPool {
  return new LpPool(order, kernel, options, 3);
}
