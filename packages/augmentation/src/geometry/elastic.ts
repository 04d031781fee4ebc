// Elastic distortion (Simard, Steinkraus & Platt 2003): every pixel is moved by smoothed noise.
import { AttributeError, ShapeError } from "@stria/core";
import { checkReach, separable } from "../filters/correlate.ts";
import { gaussianKernel } from "../filters/gaussian-kernel.ts";
import type { Canvas } from "../parts.ts";
import { fieldWarp } from "./field-warp.ts";
import type { Warp } from "./warp.ts";

/** A number for both axes, or one for x and one for y. */
export type PerAxis = number | readonly [x: number, y: number];

export interface ElasticStrength {
  /** How far pixels move: the largest, before smoothing, by alpha / 2 pixels. */
  readonly alpha: PerAxis;
  /** How smooth it is: the Gaussian's standard deviation in pixels. */
  readonly sigma: PerAxis;
}

/** Both numbers. */
function both(value: PerAxis): readonly [x: number, y: number] {
  return typeof value === "number" ? [value, value] : value;
}

/** @throws AttributeError for an alpha below 0 or a sigma that is not above 0. */
export function checkStrength({ alpha, sigma }: ElasticStrength): void {
  for (const value of both(alpha))
    if (!(value >= 0 && Number.isFinite(value)))
      throw new AttributeError("elastic", `alpha is ${value}`, "use a finite number from 0");
  for (const value of both(sigma))
    if (!(value > 0 && Number.isFinite(value)))
      throw new AttributeError("elastic", `sigma is ${value}`, "use a number of pixels above 0");
}

/** The odd size of the kernel that holds eight standard deviations. */
function sizeFor(sigma: number): number {
  const size = Math.trunc(8 * sigma + 1);
  return size % 2 === 0 ? size + 1 : size;
}

/**
 * Displacements `[height, width, 2]` of dx and dy, in halves of the image's width and height, from noise `[2, height, width]` of -1 to 1 whose first
 * plane is for dx.
 * @throws AttributeError for a strength out of range, or an image that is smaller than the kernel; ShapeError for noise of another size
 */
export function elasticDisplacement(noise: Float32Array, canvas: Canvas, strength: ElasticStrength): Float32Array {
  checkStrength(strength);
  const size = canvas.height * canvas.width;
  if (noise.length !== 2 * size)
    throw new ShapeError(
      "elastic",
      `${noise.length} numbers are no noise for an image of ${canvas.height}x${canvas.width}`,
      `pass 2 * ${size} numbers`,
    );
  const [sigmaX, sigmaY] = both(strength.sigma);
  const [across, down] = [
    gaussianKernel("elastic", sizeFor(sigmaX), sigmaX),
    gaussianKernel("elastic", sizeFor(sigmaY), sigmaY),
  ];
  checkReach("elastic", canvas, down.length >> 1, across.length >> 1);
  const smooth = new Float64Array(2 * size);
  for (const plane of [0, 1]) separable(noise, plane * size, canvas, across, down, smooth);
  const [alphaX, alphaY] = both(strength.alpha);
  return Float32Array.from({ length: 2 * size }, (_, i) =>
    i % 2 === 0
      ? ((smooth[i >> 1] ?? 0) * alphaX) / canvas.width
      : ((smooth[size + (i >> 1)] ?? 0) * alphaY) / canvas.height,
  );
}

/** What moves pixels as displacements `[height, width, 2]` say. @throws ShapeError for displacements of another size. */
export function elasticWarp(canvas: Canvas, displacement: Float32Array): Warp {
  const { height, width } = canvas;
  if (displacement.length !== 2 * height * width)
    throw new ShapeError(
      "elastic",
      `${displacement.length} numbers are no displacements for an image of ${height}x${width}`,
      `pass ${height} * ${width} * 2 numbers`,
    );
  /** A displacement between the centres of pixels, in pixels. */
  const between = (x: number, y: number, axis: number, half: number): number => {
    const [column, row] = [Math.min(Math.max(x - 0.5, 0), width - 1), Math.min(Math.max(y - 0.5, 0), height - 1)];
    const [left, top] = [Math.floor(column), Math.floor(row)];
    const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
    const at = (i: number, j: number): number => displacement[2 * (i * width + j) + axis] ?? 0;
    const upper = at(top, left) + (at(top, right) - at(top, left)) * (column - left);
    const lower = at(bottom, left) + (at(bottom, right) - at(bottom, left)) * (column - left);
    return (upper + (lower - upper) * (row - top)) * half;
  };
  const { forward, ...warp } = fieldWarp(canvas, (x, y) => [
    x + between(x, y, 0, width / 2),
    y + between(x, y, 1, height / 2),
  ]);
  return {
    ...warp,
    forward,
    sources(row, xs, ys) {
      for (let column = 0; column < width; column++) {
        const at = 2 * (row * width + column);
        xs[column] = column + 0.5 + ((displacement[at] ?? 0) * width) / 2;
        ys[column] = row + 0.5 + ((displacement[at + 1] ?? 0) * height) / 2;
      }
    },
  };
}
