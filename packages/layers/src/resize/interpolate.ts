// Resizing of the spatial axes: interpolation, one axis after the other.
import {
  AttributeError,
  type PerAxis,
  ShapeError,
  type Tensor,
  at,
  checkSize,
  broadcastTo,
  fromHost,
  matmul,
  reshape,
  showShape,
  sizeOf,
  slice,
  take,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkOptions as checkNames, wordOf } from "../check-options.ts";
import { checkSizes } from "../check.ts";
import { Module, inLayer } from "../module.ts";
import { type AxisResize, type InterpolationMode, matrixOf, nearestIndex } from "./weights.ts";

export interface InterpolateOptions {
  /** New size of all spatial axes, or of each. Either this or `scaleFactor`. */
  readonly size?: PerAxis;
  /** New size as a multiple of the old one, rounded down. */
  readonly scaleFactor?: PerAxis;
  /** Default "nearest". "linear" is PyTorch's linear, bilinear and trilinear, "cubic" its bicubic, over any number of axes. */
  readonly mode?: InterpolationMode;
  /** With "linear" and "cubic": whether the centers of the corners stay where they are, rather than their edges. Default false. */
  readonly alignCorners?: boolean;
  /** With "linear" and "cubic": whether an axis that shrinks is smoothed first. Default false. */
  readonly antialias?: boolean;
  /** Whether distances are the old size by the new one also where a scale factor is given, which is rounded. Default false. */
  readonly recomputeScaleFactor?: boolean;
}

const name = "interpolate";

const modes: Readonly<Record<InterpolationMode, true>> = {
  nearest: true,
  nearestExact: true,
  linear: true,
  cubic: true,
  area: true,
};

function checkOptions(options: InterpolateOptions): void {
  const { size, scaleFactor, mode = "nearest", alignCorners, antialias } = options;
  checkNames(name, options, { size, scaleFactor, mode, alignCorners, antialias, recomputeScaleFactor: false });
  wordOf(name, "mode", mode, modes);
  if ((size === undefined) === (scaleFactor === undefined))
    throw new AttributeError(
      name,
      size === undefined ? "neither a size nor a scale factor is given" : "both a size and a scale factor are given",
      "give one of the two",
    );
  const smooth = mode === "linear" || mode === "cubic";
  for (const [option, set] of Object.entries({ alignCorners, antialias }))
    if (set === true && !smooth)
      throw new AttributeError(name, `${option} means nothing for mode "${mode}"`, 'use it with "linear" or "cubic"');
}

function perAxis(value: PerAxis, count: number, what: string): readonly number[] {
  const list = typeof value === "number" ? range(count).map(() => value) : value;
  if (list?.length !== count)
    throw new AttributeError(
      name,
      `${list?.length ?? "no"} ${what} for ${count} spatial axes`,
      "give one for each axis",
    );
  return list;
}

function resizes(x: Tensor, options: InterpolateOptions): AxisResize[] {
  const { size, scaleFactor, mode = "nearest", alignCorners = false, antialias = false } = options;
  const spatial = x.shape.slice(2);
  const sizes = size === undefined ? undefined : perAxis(size, spatial.length, "sizes");
  const factors = scaleFactor === undefined ? undefined : perAxis(scaleFactor, spatial.length, "scale factors");
  return spatial.map((from, axis) => {
    const factor = factors?.[axis];
    if (factor !== undefined && !(factor > 0 && factor < Infinity))
      throw new AttributeError(name, `the scale factor is ${factor}`, "use a number above 0");
    const to = sizes ? at(sizes, axis) : Math.floor(from * (factor ?? 1));
    checkSizes(name, { size: to });
    checkSize(name, [...x.shape.slice(0, 2), to]);
    if (from === 0)
      throw new ShapeError(name, `spatial axis ${axis} of ${showShape(x.shape)} is empty`, "give an image");
    const step = factor === undefined || options.recomputeScaleFactor === true ? undefined : 1 / factor;
    return { mode, from, to, step, alignCorners, antialias };
  });
}

/** Copies along an axis: each element some times over, every so-many-th, or whichever is nearest. */
function copied(x: Tensor, axis: number, resize: AxisResize): Tensor {
  const { from, to } = resize;
  const indices = range(to).map((output) => nearestIndex(resize, output));
  const times = to / from;
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 1);
  if (Number.isInteger(times) && indices.every((index, output) => index === Math.floor(output / times)))
    return reshape(broadcastTo(reshape(x, [...before, from, 1, ...after]), [...before, from, times, ...after]), [
      ...before,
      to,
      ...after,
    ]);
  const [first = 0, second = first + 1] = indices;
  const stride = Math.max(1, second - first);
  if (indices.every((index, output) => index === first + output * stride)) {
    const along = (value: number, other: number): number[] =>
      x.shape.map((_, index) => (index === axis ? value : other));
    return slice(x, along(first, 0), x.shape.with(axis, to), along(stride, 1));
  }
  return take(x, fromHost(Int32Array.from(indices), [to], "int32"), axis);
}

/** A product with a small constant matrix along an axis. */
function mixed(x: Tensor, axis: number, resize: AxisResize): Tensor {
  const { from, to } = resize;
  const matrix = matrixOf(resize);
  if (from === to && matrix.every((weight, place) => weight === (place % (from + 1) === 0 ? 1 : 0))) return x;
  const weights = fromHost(matrix, [to, from], "float32");
  const outer = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const y =
    inner === 1
      ? matmul(reshape(x, [outer, from]), weights, { transposeB: true })
      : matmul(weights, reshape(x, [outer, from, inner]));
  return reshape(y, x.shape.with(axis, to));
}

/**
 * x [N, C, ...] with its spatial axes resized, as PyTorch's `interpolate` does it in each of its modes. Cubic interpolation has Keys' a = -0.75, with
 * `antialias` -0.5. Modes other than nearest are products with a matrix for each axis, so that an infinity or NaN spreads along its row and column.
 * @throws AttributeError for sizes and options that do not fit, ShapeError for inputs without spatial axes.
 * @example interpolate(x, { scaleFactor: 2, mode: "linear" });
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  checkOptions(options);
  if (x.rank < 3) throw new ShapeError(name, `the input is ${showShape(x.shape)}`, "give [batch, channels, ...]");
  // What shrinks comes first, so that less is left for the rest.
  const axes = [...resizes(x, options).entries()].toSorted(([, a], [, b]) => a.to / a.from - b.to / b.from);
  return axes.reduce(
    (y, [axis, resize]) => (resize.mode.startsWith("nearest") ? copied : mixed)(y, axis + 2, resize),
    x,
  );
}

/** {@link interpolate} as a layer. */
export class Upsample extends Module {
  readonly options: InterpolateOptions;

  constructor(options: InterpolateOptions) {
    super();
    checkOptions(options);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Upsample", () => interpolate(x, this.options));
  }
}

/** An {@link Upsample} by a factor. */
export function upsample(
  scaleFactor: PerAxis,
  options: Omit<InterpolateOptions, "size" | "scaleFactor"> = {},
): Upsample {
  return new Upsample({ ...options, scaleFactor });
}
