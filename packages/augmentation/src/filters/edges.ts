// Edges: Sobel's gradients, the Laplacian, and relief. The image goes on as its mirror image.
import { AttributeError } from "@stria/core";
import { boundOf } from "../colour/levels.ts";
import type { Image, Pixels } from "../parts.ts";
import { type Kernel, asPixels, checkReach, correlated } from "./correlate.ts";

const across: Kernel = [
  [-1, 0, 1],
  [-2, 0, 2],
  [-1, 0, 1],
];
const down: Kernel = [
  [-1, -2, -1],
  [0, 0, 0],
  [1, 2, 1],
];
const laplace: Kernel = [
  [0, 1, 0],
  [1, -4, 1],
  [0, 1, 0],
];

function filtered(name: string, image: Image, kernel: Kernel): Float64Array {
  checkReach(name, { height: image.shape[1], width: image.shape[2] }, 1, 1);
  return correlated(image, kernel);
}

function floats(shape: Image["shape"], values: Float64Array): Image<Float32Array> {
  return { kind: "image", values: Float32Array.from(values), shape };
}

export interface Gradients {
  /** How much brighter it becomes to the right. */
  readonly x: Image<Float32Array>;
  /** How much brighter it becomes downwards. */
  readonly y: Image<Float32Array>;
  readonly magnitude: Image<Float32Array>;
}

/** Sobel's gradients of each channel: [-1 0 1; -2 0 2; -1 0 1] and its transpose, and the length of both. @throws AttributeError for an image of one row or column */
export function sobelImage(image: Image): Gradients {
  const [x, y] = [filtered("sobel", image, across), filtered("sobel", image, down)];
  const magnitude = x.map((value, i) => Math.hypot(value, y[i] ?? 0));
  return { x: floats(image.shape, x), y: floats(image.shape, y), magnitude: floats(image.shape, magnitude) };
}

/** The Laplacian of each channel: [0 1 0; 1 -4 1; 0 1 0]. @throws AttributeError for an image of one row or column */
export function laplacianImage(image: Image): Image<Float32Array> {
  return floats(image.shape, filtered("laplacian", image, laplace));
}

export interface EmbossParameters {
  /** From 0, the image, to 1, the relief alone. */
  readonly alpha: number;
  /** How high the relief is, from 0. */
  readonly strength: number;
}

/** The image as a relief lit from the upper left. @throws AttributeError for an alpha that is not from 0 to 1, a strength below 0, or an image of one row or column */
export function embossImage<Values extends Pixels>(
  image: Image<Values>,
  { alpha, strength }: EmbossParameters,
): Image<Values> {
  if (!(alpha >= 0 && alpha <= 1)) throw new AttributeError("emboss", `alpha is ${alpha}`, "use a number from 0 to 1");
  if (!(strength >= 0 && Number.isFinite(strength)))
    throw new AttributeError("emboss", `strength is ${strength}`, "use a finite number from 0");
  const [s, { values, shape }] = [strength, image];
  const relief = filtered("emboss", image, [
    [-1 - s, -s, 0],
    [-s, 1, s],
    [0, s, 1 + s],
  ]);
  const bound = boundOf(values);
  const mixed = relief.map((value, i) => {
    const mixture = (1 - alpha) * (values[i] ?? 0) + alpha * value;
    return Math.min(Math.max(mixture, 0), bound);
  });
  return { kind: "image", values: asPixels(values, mixed), shape };
}
