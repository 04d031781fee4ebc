// Moving every pixel: where a warp says that a pixel comes from, the image is sampled.
import { AttributeError } from "@stria/core";
import { type Fill, fillsOf } from "../fill.ts";
import type { Canvas, Image, Labels, Mask, Pixels } from "../parts.ts";
import { type Elements, emptyLike, inside } from "../window.ts";
import { type Matrix, type Point, inverse, moved } from "./matrix.ts";

/** A map of an image onto a canvas. Places are in the frame where the image is from 0 to its width and from 0 to its height. */
export interface Warp {
  /** The size of the image before. */
  readonly before: Canvas;
  /** The size afterwards. */
  readonly canvas: Canvas;
  /** Whether straight lines stay straight, so that the corners of a box tell all of it. */
  readonly straight: boolean;
  /** What is outside of the image: nothing, or its mirror image without the border pixel. */
  readonly border: "constant" | "reflect";
  /** Writes down where the centres of the pixels of a row come from. */
  sources(row: number, xs: Float64Array, ys: Float64Array): void;
  /** Where a point of the image goes. */
  forward(x: number, y: number): Point;
}

/** How an image is sampled between pixels. */
export type WarpInterpolation = "nearest" | "bilinear";

export interface WarpImageOptions {
  /** Default `"bilinear"`. */
  readonly interpolation?: WarpInterpolation;
  /** What pixels are that come from outside of the image: a number, or one for each channel. Default 0. */
  readonly fill?: Fill;
}

/** The warp of a matrix, which says where points of the image go. */
export function matrixWarp(name: string, before: Canvas, matrix: Matrix, canvas: Canvas = before): Warp {
  const [a, b, c, d, e, f, g, h, i] = inverse(name, matrix);
  return {
    before,
    canvas,
    straight: true,
    border: "constant",
    sources(row, xs, ys) {
      const y = row + 0.5;
      const projective = g !== 0 || h !== 0 || i !== 1;
      for (let column = 0; column < canvas.width; column++) {
        const x = column + 0.5;
        const w = projective ? g * x + h * y + i : 1;
        xs[column] = (a * x + b * y + c) / w;
        ys[column] = (d * x + e * y + f) / w;
      }
    },
    forward: (x, y) => moved(matrix, x, y),
  };
}

/** @throws AttributeError for what is no interpolation. */
export function checkWarpInterpolation(name: string, interpolation: WarpInterpolation): void {
  if (interpolation !== "nearest" && interpolation !== "bilinear")
    throw new AttributeError(
      name,
      `interpolation is ${JSON.stringify(interpolation)}`,
      'use "nearest" or "bilinear" here',
    );
}

function nearest(
  from: Elements,
  into: Elements,
  channels: number,
  { before, canvas, border, sources }: Warp,
  fills: readonly number[],
): void {
  const { height, width } = before;
  const [xs, ys] = [new Float64Array(canvas.width), new Float64Array(canvas.width)];
  const places = new Int32Array(canvas.width);
  const size = canvas.height * canvas.width;
  for (let row = 0; row < canvas.height; row++) {
    sources(row, xs, ys);
    for (let column = 0; column < canvas.width; column++) {
      let [x, y] = [Math.floor(xs[column] ?? 0), Math.floor(ys[column] ?? 0)];
      if (border === "reflect") [x, y] = [inside.reflect(x, width), inside.reflect(y, height)];
      places[column] = x >= 0 && x < width && y >= 0 && y < height ? y * width + x : -1;
    }
    for (let channel = 0; channel < channels; channel++) {
      const [plane, to] = [channel * height * width, channel * size + row * canvas.width];
      const fill = fills[channel] ?? 0;
      for (let column = 0; column < canvas.width; column++) {
        const place = places[column] ?? -1;
        into[to + column] = place < 0 ? fill : (from[plane + place] ?? 0);
      }
    }
  }
}

/** A sample of which a neighbour is outside. */
function atBorder(
  from: Elements,
  plane: number,
  { before: { height, width }, border }: Warp,
  x: number,
  y: number,
  fill: number,
): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  let [sum, weight] = [0, 0];
  for (let tap = 0; tap < 4; tap++) {
    let [column, row] = [left + (tap & 1), top + (tap >> 1)];
    const share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
    if (border === "reflect") [column, row] = [inside.reflect(column, width), inside.reflect(row, height)];
    if (column < 0 || column >= width || row < 0 || row >= height) continue;
    sum += share * (from[plane + row * width + column] ?? 0);
    weight += share;
  }
  return sum + (1 - weight) * fill;
}

function bilinear(
  from: Pixels,
  into: Float32Array | Uint8ClampedArray,
  channels: number,
  warp: Warp,
  fills: readonly number[],
): void {
  const { before, canvas } = warp;
  const { height, width } = before;
  const [xs, ys] = [new Float64Array(canvas.width), new Float64Array(canvas.width)];
  const places = new Int32Array(canvas.width);
  const size = canvas.height * canvas.width;
  for (let row = 0; row < canvas.height; row++) {
    warp.sources(row, xs, ys);
    for (let column = 0; column < canvas.width; column++) {
      const [x, y] = [(xs[column] ?? 0) - 0.5, (ys[column] ?? 0) - 0.5];
      xs[column] = x;
      ys[column] = y;
      const whole = x >= 0 && x < width - 1 && y >= 0 && y < height - 1;
      places[column] = whole ? Math.floor(y) * width + Math.floor(x) : -1;
    }
    for (let channel = 0; channel < channels; channel++) {
      const [plane, to] = [channel * height * width, channel * size + row * canvas.width];
      const fill = fills[channel] ?? 0;
      for (let column = 0; column < canvas.width; column++) {
        const place = places[column] ?? -1; // apart from the others: in one list with them engines take it for a float
        const [x, y] = [xs[column] ?? 0, ys[column] ?? 0];
        if (place < 0) {
          into[to + column] = atBorder(from, plane, warp, x, y, fill);
          continue;
        }
        const at = plane + place;
        const [across, down] = [x - Math.floor(x), y - Math.floor(y)];
        const [upperLeft, lowerLeft] = [from[at] ?? 0, from[at + width] ?? 0];
        const upper = upperLeft + ((from[at + 1] ?? 0) - upperLeft) * across;
        const lower = lowerLeft + ((from[at + width + 1] ?? 0) - lowerLeft) * across;
        into[to + column] = upper + (lower - upper) * down;
      }
    }
  }
}

/** Bytes that round what is written to the nearest whole number, halves to even, and clamp it. */
export function rounding(values: Pixels): Float32Array | Uint8ClampedArray {
  return values instanceof Float32Array
    ? values
    : new Uint8ClampedArray(values.buffer, values.byteOffset, values.length);
}

/**
 * The image where a warp moves it to. Where a sample lies partly outside, the fill has the share of what is outside.
 * @throws AttributeError for an unknown interpolation, or a fill that does not fit
 */
export function warpImage<Values extends Pixels>(
  { values, shape: [channels] }: Image<Values>,
  warp: Warp,
  { interpolation = "bilinear", fill = 0 }: WarpImageOptions = {},
): Image<Values> {
  checkWarpInterpolation("warp", interpolation);
  const fills = fillsOf("warp", values, fill, channels);
  const { height, width } = warp.canvas;
  const made = emptyLike(values, channels * height * width);
  if (interpolation === "nearest") nearest(values, made, channels, warp, fills);
  else bilinear(values, rounding(made), channels, warp, fills);
  return { kind: "image", values: made, shape: [channels, height, width] };
}

/** The mask where a warp moves it to: labels of the nearest pixels, and `fill` outside. @throws AttributeError for a fill that does not fit. */
export function warpMask<Values extends Labels>({ values }: Mask<Values>, warp: Warp, fill = 0): Mask<Values> {
  const { height, width } = warp.canvas;
  const made = emptyLike(values, height * width);
  nearest(values, made, 1, warp, fillsOf("warp", values, fill, 1));
  return { kind: "mask", values: made, shape: [height, width] };
}
