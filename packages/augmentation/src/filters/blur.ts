// Smoothing: Gaussian, box, median and motion blur. The image goes on as its mirror image; for the median its border pixels are repeated.
import { AttributeError } from "@stria/core";
import { cosineAndSine } from "../geometry/matrix.ts";
import { rounding } from "../geometry/warp.ts";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike, inside } from "../window.ts";
import { asPixels, checkReach, correlated, separable } from "./correlate.ts";
import { checkOdd, gaussianKernel } from "./gaussian-kernel.ts";

function smoothed<Values extends Pixels>(
  name: string,
  { values, shape }: Image<Values>,
  across: Float64Array,
  down: Float64Array,
): Image<Values> {
  const [channels, height, width] = shape;
  checkReach(name, { height, width }, down.length >> 1, across.length >> 1);
  const made = emptyLike(values, values.length);
  for (let channel = 0; channel < channels; channel++)
    separable(values, channel * height * width, { height, width }, across, down, rounding(made));
  return { kind: "image", values: made, shape };
}

export interface GaussianBlurParameters {
  /** Odd numbers of columns and rows. */
  readonly kernelSize: readonly [width: number, height: number];
  /** Standard deviations in pixels. */
  readonly sigma: readonly [x: number, y: number];
}

/** The image blurred by exp(-x^2 / (2 sigma^2)). @throws AttributeError for a size that is even or too large for the image, or a sigma that is not above 0 */
export function gaussianBlurImage<Values extends Pixels>(
  image: Image<Values>,
  { kernelSize: [width, height], sigma: [x, y] }: GaussianBlurParameters,
): Image<Values> {
  const name = "gaussianBlur";
  return smoothed(name, image, gaussianKernel(name, width, x), gaussianKernel(name, height, y));
}

/** The mean of a window of `size` pixels each way. @throws AttributeError for a size that is even or too large for the image */
export function boxBlurImage<Values extends Pixels>(image: Image<Values>, size: number): Image<Values> {
  checkOdd("boxBlur", "size", size);
  const weights = new Float64Array(size).fill(1 / size);
  return smoothed("boxBlur", image, weights, weights);
}

/** Puts a value where it belongs among the first `count` of a sorted list. */
function insert(sorted: Pixels, count: number, value: number): void {
  let at = count;
  for (; at > 0 && (sorted[at - 1] ?? 0) > value; at--) sorted[at] = sorted[at - 1] ?? 0;
  sorted[at] = value;
}

/** The median of a window of `size` pixels each way. @throws AttributeError for a size that is even */
export function medianBlurImage<Values extends Pixels>({ values, shape }: Image<Values>, size: number): Image<Values> {
  checkOdd("medianBlur", "size", size);
  const [channels, height, width] = shape;
  const made = emptyLike(values, values.length);
  const [reach, window] = [size >> 1, emptyLike(values, size * size)];
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        let count = 0;
        for (let i = row - reach; i <= row + reach; i++) {
          const from = (channel * height + inside.edge(i, height)) * width;
          for (let j = column - reach; j <= column + reach; j++)
            insert(window, count++, values[from + inside.edge(j, width)] ?? 0);
        }
        made[(channel * height + row) * width + column] = window[count >> 1] ?? 0;
      }
  return { kind: "image", values: made, shape };
}

export interface MotionBlurParameters {
  /** An odd number of pixels along the path. */
  readonly size: number;
  /** Degrees, counter-clockwise on the screen; 0 is to the right. */
  readonly angle: number;
  /** From -1 to 1: where along the path most of the light falls. Default 0, evenly. */
  readonly direction?: number;
}

/** The weights of a straight path through the middle of a square, drawn between pixels in shares. */
function pathKernel(size: number, angle: number, direction: number): number[][] {
  const middle = size >> 1;
  const kernel = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const [cosine, sine] = cosineAndSine(angle);
  for (let step = -middle; step <= middle; step++) {
    const weight = (1 + (middle === 0 ? 0 : (direction * step) / middle)) / size;
    const [x, y] = [middle + step * cosine, middle - step * sine];
    const [left, top] = [Math.floor(x), Math.floor(y)];
    for (const row of [top, top + 1])
      for (const column of [left, left + 1]) {
        const share = (1 - Math.abs(x - column)) * (1 - Math.abs(y - row)) * weight;
        const line = kernel[row];
        if (share !== 0 && line) line[column] = (line[column] ?? 0) + share;
      }
  }
  return kernel;
}

/** The image blurred along a straight path. @throws AttributeError for a size that is even or too large for the image, an angle that is not finite, or a direction out of range */
export function motionBlurImage<Values extends Pixels>(
  image: Image<Values>,
  { size, angle, direction = 0 }: MotionBlurParameters,
): Image<Values> {
  checkOdd("motionBlur", "size", size);
  if (!Number.isFinite(angle))
    throw new AttributeError("motionBlur", `angle is ${angle}`, "use a finite number of degrees");
  if (!(direction >= -1 && direction <= 1))
    throw new AttributeError("motionBlur", `direction is ${direction}`, "use a number from -1 to 1");
  checkReach("motionBlur", { height: image.shape[1], width: image.shape[2] }, size >> 1, size >> 1);
  const sums = correlated(image, pathKernel(size, angle, direction));
  return { kind: "image", values: asPixels(image.values, sums), shape: image.shape };
}
