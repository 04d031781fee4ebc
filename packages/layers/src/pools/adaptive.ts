// Pooling to given sizes, whatever the size of the input. Where an axis does not divide, windows differ in size and may overlap.
import {
  AttributeError,
  type Tensor,
  add,
  at,
  avgPool,
  cast,
  checkSize,
  div,
  iota,
  less,
  lessEqual,
  maxPoolWithIndices,
  minimum,
  mul,
  reshape,
  sizeOf,
  stridesOf,
  sub,
  sum,
  take,
  where,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkSizes, spatialSizes } from "../check.ts";
import { Pooling } from "./pooling.ts";

/** One size for all spatial axes, or one for each; null leaves an axis as it is. */
export type AdaptiveSize = number | readonly (number | null)[];

function sizesOf(layer: string, x: Tensor, size: AdaptiveSize): number[] {
  const spatial = spatialSizes(layer, x);
  if (typeof size !== "number" && size?.length !== spatial.length)
    throw new AttributeError(
      layer,
      `${size?.length ?? "no"} sizes for ${spatial.length} spatial axes`,
      "give one for each axis",
    );
  const sizes = spatial.map((length, axis) => {
    const wanted = typeof size === "number" ? size : (size[axis] ?? length);
    checkSizes(layer, { size: wanted });
    return wanted;
  });
  checkSize(layer, [...x.shape.slice(0, 2), ...sizes]);
  return sizes;
}

/** The windows of an axis that does not divide: window o has the elements from floor(o length / count) to before ceil((o + 1) length / count). */
interface Windows {
  /** How many elements the largest has. */
  readonly widest: number;
  /** Where the elements of each window are, int32 [count, widest]; smaller windows have their last element more than once. */
  readonly places: Tensor;
  /** The first of them, and how many are the window's own, int32 [count, 1]. */
  readonly own: Tensor;
}

function unequalWindows(length: number, count: number): Windows {
  const start = (window: number): number => Math.floor((window * length) / count);
  const end = (window: number): number => Math.ceil(((window + 1) * length) / count);
  const widest = Math.max(...range(count).map((window) => end(window) - start(window)));
  // Counted, not divided: a quotient may be off by a rounding. Element i is before a window where (i + 1) count <= o length.
  const [window, element] = [iota([count, length], 0), iota([count, length], 1)];
  const countOf = (condition: Tensor): Tensor => sum(cast(condition, "int32"), 1, { keepDims: true });
  const first = countOf(lessEqual(mul(add(element, 1), count), mul(window, length)));
  const behind = countOf(less(mul(element, count), mul(add(window, 1), length)));
  const places = minimum(add(first, iota([count, widest], 1)), sub(behind, 1));
  return { widest, places, own: sub(behind, first) };
}

/** The means of windows that differ in size along one axis. */
function averageAlong(x: Tensor, axis: number, count: number): Tensor {
  const { widest, places, own } = unequalWindows(at(x.shape, axis), count);
  const alongside = (y: Tensor): Tensor => reshape(y, [...y.shape, ...x.shape.slice(axis + 1).map(() => 1)]);
  const counted = alongside(less(iota([count, widest], 1), own));
  const total = sum(where(counted, take(x, places, axis), 0), axis + 1);
  return div(total, alongside(cast(reshape(own, [count]), "float32")));
}

/**
 * Means of windows, as many as make the spatial axes of x [N, C, ...] the given sizes. Along an axis of length n that becomes m, window o reaches from
 * floor(o n / m) to before ceil((o + 1) n / m), as in PyTorch: where m does not divide n, windows overlap.
 * @throws ShapeError, AttributeError.
 */
export function adaptiveAvgPool(x: Tensor, size: AdaptiveSize): Tensor {
  const sizes = sizesOf("adaptiveAvgPool", x, size);
  const even = sizes.map((count, axis) => (at(x.shape, axis + 2) % count === 0 ? at(x.shape, axis + 2) / count : 1));
  let y = even.every((kernel) => kernel === 1) ? x : avgPool(x, even);
  for (const [axis, count] of sizes.entries())
    if (at(y.shape, axis + 2) !== count) y = averageAlong(y, axis + 2, count);
  return y;
}

/**
 * The largest elements of the windows of {@link adaptiveAvgPool}, and their places in the plane of x (row-major, int32); the first of equals, and
 * NaN, win.
 * @throws ShapeError, AttributeError.
 */
export function adaptiveMaxPool(x: Tensor, size: AdaptiveSize): { values: Tensor; indices: Tensor } {
  const sizes = sizesOf("adaptiveMaxPool", x, size);
  const spatial = x.shape.slice(2);
  const steps = stridesOf(spatial);
  const uneven = sizes.some((count, axis) => at(spatial, axis) % count !== 0);
  if (!uneven) return maxPoolWithIndices(x, sizes.map((count, axis) => at(spatial, axis) / count)); // prettier-ignore

  // Every axis is laid out as windows of one size, side by side; the place in the plane of x goes along.
  let laidOut = x;
  let place = iota([1], 0);
  const kernel = sizes.map((count, axis) => {
    const [length, step] = [at(spatial, axis), at(steps, axis)];
    const even = length % count === 0;
    const { widest, places } = even
      ? { widest: length / count, places: iota([length], 0) }
      : unequalWindows(length, count);
    const along = reshape(places, [count * widest]);
    if (!even) laidOut = take(laidOut, along, axis + 2);
    place = add(reshape(place, [place.size, 1]), mul(reshape(along, [1, along.size]), step));
    return widest;
  });
  const { values, indices } = maxPoolWithIndices(laidOut, kernel);
  return { values, indices: take(reshape(place, [sizeOf(place.shape)]), indices) };
}

/** {@link adaptiveAvgPool} as a layer; `axes`: how many spatial axes the input must have, any where it is not given. */
export class AdaptiveAvgPool extends Pooling {
  readonly size: AdaptiveSize;

  constructor(size: AdaptiveSize, axes?: number) {
    super("AdaptiveAvgPool", axes);
    this.size = size;
  }

  protected override pool(x: Tensor): Tensor {
    return adaptiveAvgPool(x, this.size);
  }
}

/** The values of {@link adaptiveMaxPool} as a layer; `axes`: how many spatial axes the input must have, any where it is not given. */
export class AdaptiveMaxPool extends Pooling {
  readonly size: AdaptiveSize;

  constructor(size: AdaptiveSize, axes?: number) {
    super("AdaptiveMaxPool", axes);
    this.size = size;
  }

  protected override pool(x: Tensor): Tensor {
    return adaptiveMaxPool(x, this.size).values;
  }

  /** The largest elements and their places in the plane. */
  withIndices(x: Tensor): { values: Tensor; indices: Tensor } {
    return this.pooled(x, () => adaptiveMaxPool(x, this.size));
  }
}

/** An {@link AdaptiveAvgPool} over [N, C, length]. */
export function adaptiveAvgPool1d(size: AdaptiveSize): AdaptiveAvgPool {
  return new AdaptiveAvgPool(size, 1);
}

/** An {@link AdaptiveAvgPool} over [N, C, H, W]. */
export function adaptiveAvgPool2d(size: AdaptiveSize): AdaptiveAvgPool {
  return new AdaptiveAvgPool(size, 2);
}

/** An {@link AdaptiveAvgPool} over [N, C, D, H, W]. */
export function adaptiveAvgPool3d(size: AdaptiveSize): AdaptiveAvgPool {
  return new AdaptiveAvgPool(size, 3);
}

/** An {@link AdaptiveMaxPool} over [N, C, length]. */
export function adaptiveMaxPool1d(size: AdaptiveSize): AdaptiveMaxPool {
  return new AdaptiveMaxPool(size, 1);
}

/** An {@link AdaptiveMaxPool} over [N, C, H, W]. */
export function adaptiveMaxPool2d(size: AdaptiveSize): AdaptiveMaxPool {
  return new AdaptiveMaxPool(size, 2);
}

/** An {@link AdaptiveMaxPool} over [N, C, D, H, W]. */
export function adaptiveMaxPool3d(size: AdaptiveSize): AdaptiveMaxPool {
  return new AdaptiveMaxPool(size, 3);
}
