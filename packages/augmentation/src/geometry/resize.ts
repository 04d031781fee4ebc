// Images, masks, boxes and key points in another size; also of a window of the image, without a copy of it.
import { AttributeError, ShapeError } from "@stria/core";
import type { Boxes, Canvas, Image, Keypoints, Labels, Mask, Pixels } from "../parts.ts";
import { type Elements, type Window, checkWindow, emptyLike } from "../window.ts";
import { type AxisWeights, type Interpolation, axisWeights, checkInterpolation } from "./resize-weights.ts";
import { rounding } from "./warp.ts";

export interface ResizeOptions {
  /** Default `"bilinear"`. */
  readonly interpolation?: Interpolation;
  /** Whether the filter grows with what it skips, so that shrinking does not alias. Default true. */
  readonly antialias?: boolean;
}

/** @throws AttributeError for a size without pixels, or not of whole ones. */
export function checkSize(name: string, { height, width }: Canvas): void {
  if (![height, width].every((side) => Number.isSafeInteger(side) && side > 0))
    throw new AttributeError(name, `the size is ${height}x${width}`, "use whole numbers of pixels above 0");
}

/** The size whose shorter side is `side`: the longer one keeps the proportions, rounded down, and where it is above `maximum` it is that. @throws AttributeError for a size without pixels. */
export function shorterSide(side: number, { height, width }: Canvas, maximum: number = Infinity): Canvas {
  const [short, long] = [Math.min(height, width), Math.max(height, width)];
  let [newShort, newLong] = [side, Math.trunc((side * long) / short)];
  if (newLong > maximum) [newShort, newLong] = [Math.trunc((maximum * newShort) / newLong), maximum];
  const made = width <= height ? { height: newLong, width: newShort } : { height: newShort, width: newLong };
  checkSize("resize", made);
  return made;
}

/** The whole of a canvas as a window. */
function wholeWindow({ height, width }: Canvas): Window {
  return { top: 0, left: 0, height, width };
}

/** @throws ShapeError for a window that reaches beyond the image. */
function checkInside(name: string, window: Window, { height, width }: Canvas): void {
  checkWindow(name, window);
  const { top, left } = window;
  if (top < 0 || left < 0 || top + window.height > height || left + window.width > width)
    throw new ShapeError(
      name,
      `a window of ${window.height}x${window.width} at row ${top}, column ${left} reaches beyond an image of ${height}x${width}`,
      "crop the image first",
    );
}

/** Copies the pixels that the axes say. */
function picked<Kind extends Elements>(
  values: Kind,
  channels: number,
  { height, width }: Canvas,
  { top, left }: Window,
  [rows, columns]: readonly [AxisWeights, AxisWeights],
): Kind {
  const made = emptyLike(values, channels * rows.first.length * columns.first.length);
  let to = 0;
  for (let channel = 0; channel < channels; channel++)
    for (const row of rows.first) {
      const from = (channel * height + top + row) * width + left;
      for (const column of columns.first) made[to++] = values[from + column] ?? 0;
    }
  return made;
}

const group = 4;

/** The weights with zeros behind them, so that the loops take four at a time. */
function inFours({ taps, first, weights }: AxisWeights): AxisWeights {
  const more = Math.ceil(taps / group) * group;
  const padded = new Float64Array(first.length * more);
  for (let i = 0; i < first.length; i++) padded.set(weights.subarray(i * taps, (i + 1) * taps), i * more);
  return { taps: more, first, weights: padded };
}

/** Adds four weighted pixels of a line for each pixel wanted. */
function addPixels(
  line: Float32Array,
  first: Int32Array,
  weights: Float64Array,
  offset: number,
  stride: number,
  into: Float32Array,
  to: number,
): void {
  for (let column = 0, at = offset; column < first.length; column++, at += stride) {
    const place = (first[column] ?? 0) + offset;
    const sum =
      (weights[at] ?? 0) * (line[place] ?? 0) +
      (weights[at + 1] ?? 0) * (line[place + 1] ?? 0) +
      (weights[at + 2] ?? 0) * (line[place + 2] ?? 0) +
      (weights[at + 3] ?? 0) * (line[place + 3] ?? 0);
    into[to + column] = (into[to + column] ?? 0) + sum;
  }
}

/** A row as many pixels as wanted. All is float32 here, so that engines make one fast loop of it for bytes and floats. */
function alongRow(line: Float32Array, { taps, first, weights }: AxisWeights, into: Float32Array, to: number): void {
  into.fill(0, to, to + first.length);
  for (let offset = 0; offset < taps; offset += group) addPixels(line, first, weights, offset, taps, into, to);
}

/** Four weights. */
type Four = readonly [number, number, number, number];

/** `into` = `sums` + four weighted rows from `at` on. */
function addFour(
  rows: Float32Array,
  at: number,
  width: number,
  [first, second, third, fourth]: Four,
  sums: Float64Array,
  into: Float32Array | Float64Array | Uint8ClampedArray,
  to: number,
): void {
  const [two, three, four] = [at + width, at + 2 * width, at + 3 * width];
  for (let column = 0; column < width; column++)
    into[to + column] =
      (sums[column] ?? 0) +
      first * (rows[at + column] ?? 0) +
      second * (rows[two + column] ?? 0) +
      third * (rows[three + column] ?? 0) +
      fourth * (rows[four + column] ?? 0);
}

/** The columns of what {@link alongRow} made. */
function alongColumns(
  between: Float32Array,
  width: number,
  { taps, first, weights }: AxisWeights,
  sums: Float64Array,
  into: Float32Array | Uint8ClampedArray,
  to: number,
): void {
  for (let row = 0; row < first.length; row++) {
    if (taps > group) sums.fill(0);
    for (let tap = 0; tap < taps; tap += group) {
      const weight = row * taps + tap;
      const four: Four = [
        weights[weight] ?? 0,
        weights[weight + 1] ?? 0,
        weights[weight + 2] ?? 0,
        weights[weight + 3] ?? 0,
      ];
      const at = ((first[row] ?? 0) + tap) * width;
      if (tap + group < taps) addFour(between, at, width, four, sums, sums, 0);
      else addFour(between, at, width, four, sums, into, to + row * width);
    }
  }
}

/** The part of an image that is in a window, in another size. @throws ShapeError for a window that reaches beyond the image; AttributeError for an unknown interpolation, or a size without pixels. */
export function resizeWindow<Values extends Pixels>(
  { values, shape: [channels, height, width] }: Image<Values>,
  window: Window,
  size: Canvas,
  { interpolation = "bilinear", antialias = true }: ResizeOptions = {},
): Image<Values> {
  checkInterpolation("resize", interpolation);
  checkSize("resize", size);
  checkInside("resize", window, { height, width });
  const shape = [channels, size.height, size.width] as const;
  const rows = axisWeights(window.height, size.height, interpolation, antialias);
  const columns = axisWeights(window.width, size.width, interpolation, antialias);
  if (interpolation === "nearest" || interpolation === "nearestExact")
    return { kind: "image", values: picked(values, channels, { height, width }, window, [rows, columns]), shape };
  const made = emptyLike(values, channels * size.height * size.width);
  const [byRow, byColumn] = [inFours(columns), inFours(rows)];
  // Zeros behind the last pixel and the last row, for the weights that are zero.
  const line = new Float32Array(window.width + byRow.taps);
  const between = new Float32Array((window.height + byColumn.taps) * size.width);
  const sums = new Float64Array(size.width);
  for (let channel = 0; channel < channels; channel++) {
    const from = (channel * height + window.top) * width + window.left;
    for (let row = 0; row < window.height; row++) {
      const start = from + row * width;
      line.set(values.subarray(start, start + window.width));
      alongRow(line, byRow, between, row * size.width);
    }
    alongColumns(between, size.width, byColumn, sums, rounding(made), channel * size.height * size.width);
  }
  return { kind: "image", values: made, shape };
}

/** The image in another size. Bicubic floats may overshoot. @throws AttributeError for an unknown interpolation, or a size without pixels. */
export function resizeImage<Values extends Pixels>(
  image: Image<Values>,
  size: Canvas,
  options?: ResizeOptions,
): Image<Values> {
  return resizeWindow(image, wholeWindow({ height: image.shape[1], width: image.shape[2] }), size, options);
}

/** The mask of a window in another size: labels are those of pixels, never between. @throws ShapeError for a window that reaches beyond the mask; AttributeError for a size without pixels. */
export function resizeMask<Values extends Labels>(
  { values, shape: [height, width] }: Mask<Values>,
  size: Canvas,
  window: Window = wholeWindow({ height, width }),
): Mask<Values> {
  checkSize("resize", size);
  checkInside("resize", window, { height, width });
  const axes = [
    axisWeights(window.height, size.height, "nearest", false),
    axisWeights(window.width, size.width, "nearest", false),
  ] as const;
  const made = picked(values, 1, { height, width }, window, axes);
  return { kind: "mask", values: made, shape: [size.height, size.width] };
}

/** Boxes of an image of size `canvas` where they are in the image of another size. @throws AttributeError for a size without pixels. */
export function resizeBoxes({ values, labels }: Boxes, size: Canvas, canvas: Canvas): Boxes {
  return { kind: "boxes", values: scaled(values, size, canvas), labels };
}

/** Points of an image of size `canvas` where they are in the image of another size. @throws AttributeError for a size without pixels. */
export function resizeKeypoints({ values }: Keypoints, size: Canvas, canvas: Canvas): Keypoints {
  return { kind: "keypoints", values: scaled(values, size, canvas) };
}

function scaled(values: Float32Array, size: Canvas, canvas: Canvas): Float32Array {
  checkSize("resize", size);
  const [x, y] = [size.width / canvas.width, size.height / canvas.height];
  return values.map((value, i) => value * (i % 2 === 0 ? x : y));
}
