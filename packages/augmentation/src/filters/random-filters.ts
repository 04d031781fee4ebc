// Filters of random strength.
import { boundOf } from "../colour/levels.ts";
import type { Image } from "../parts.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn, drawnWhole, wholeRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import {
  type GaussianBlurParameters,
  type MotionBlurParameters,
  boxBlurImage,
  gaussianBlurImage,
  medianBlurImage,
  motionBlurImage,
} from "./blur.ts";
import { asPixels } from "./correlate.ts";
import { type EmbossParameters, embossImage, sobelImage } from "./edges.ts";
import { checkOdd } from "./gaussian-kernel.ts";

export interface GaussianBlurOptions extends Chance {
  /** Standard deviations in pixels. Default 0.1 to 2. */
  readonly sigma?: number | Range;
}

/** Gaussian blur by `kernelSize` pixels: an odd number, or two for width and height. The probability is 1. @throws AttributeError for an option out of range */
export function gaussianBlur(
  kernelSize: number | readonly [width: number, height: number],
  { sigma = [0.1, 2], probability = 1 }: GaussianBlurOptions = {},
): Transform<GaussianBlurParameters | null> {
  const sizes = typeof kernelSize === "number" ? ([kernelSize, kernelSize] as const) : kernelSize;
  for (const size of sizes) checkOdd("gaussianBlur", "kernelSize", size);
  const range = checkedRange("gaussianBlur", "sigma", sigma, 1e-6);
  return photometric(
    "gaussianBlur",
    probability,
    (random) => {
      const width = drawn(random, range);
      return { kernelSize: sizes, sigma: [width, width] };
    },
    gaussianBlurImage,
  );
}

/** A window's side. */
export interface SizeParameters {
  readonly size: number;
}

/** The odd numbers of a range, as a range of halves. */
function oddRange(name: string, sizes: number | Range): Range {
  const [low, high] = wholeRange(name, "size", sizes, 1);
  checkOdd(name, "size", low);
  checkOdd(name, "size", high);
  return [low >> 1, high >> 1];
}

function sizedBlur(
  name: string,
  sizes: number | Range,
  probability: number,
  blur: (image: Image, size: number) => Image,
): Transform<SizeParameters | null> {
  const halves = oddRange(name, sizes);
  return photometric(
    name,
    probability,
    (random) => ({ size: 2 * drawnWhole(random, halves) + 1 }),
    (image, { size }) => blur(image, size),
  );
}

/** The mean of a window whose side is odd, from a range. The probability is 1. @throws AttributeError for an option out of range */
export function boxBlur(sizes: number | Range, { probability = 1 }: Chance = {}): Transform<SizeParameters | null> {
  return sizedBlur("boxBlur", sizes, probability, boxBlurImage);
}

/** The median of a window whose side is odd, from a range. The probability is 1. @throws AttributeError for an option out of range */
export function medianBlur(sizes: number | Range, { probability = 1 }: Chance = {}): Transform<SizeParameters | null> {
  return sizedBlur("medianBlur", sizes, probability, medianBlurImage);
}

/** Blur along a straight path of an odd number of pixels, from a range, in a random direction. The probability is 1. @throws AttributeError for an option out of range */
export function motionBlur(
  sizes: number | Range,
  { probability = 1 }: Chance = {},
): Transform<MotionBlurParameters | null> {
  const halves = oddRange("motionBlur", sizes);
  return photometric(
    "motionBlur",
    probability,
    (random) => ({
      size: 2 * drawnWhole(random, halves) + 1,
      angle: random.uniform(0, 360),
      direction: random.uniform(-1, 1),
    }),
    motionBlurImage,
  );
}

/** The lengths of Sobel's gradients, of values from black to white. The probability is 1. @throws AttributeError for a probability that is not from 0 to 1 */
export function sobel({ probability = 1 }: Chance = {}): Transform<Readonly<Record<string, never>> | null> {
  return photometric(
    "sobel",
    probability,
    () => ({}),
    (image) => {
      const bound = boundOf(image.values);
      const lengths = Float64Array.from(sobelImage(image).magnitude.values, (value) => Math.min(value, bound));
      return { ...image, values: asPixels(image.values, lengths) };
    },
  );
}

export interface EmbossOptions extends Chance {
  /** How much of it is relief, from 0 to 1. Default 0.2 to 0.5. */
  readonly alpha?: number | Range;
  /** How high the relief is, from 0. Default 0.2 to 0.7. */
  readonly strength?: number | Range;
}

/** The image as a relief. The probability is 1. @throws AttributeError for an option out of range */
export function emboss(options: EmbossOptions = {}): Transform<EmbossParameters | null> {
  const { alpha = [0.2, 0.5], strength = [0.2, 0.7], probability = 1 } = options;
  const [shares, heights] = [
    checkedRange("emboss", "alpha", alpha, 0, 1),
    checkedRange("emboss", "strength", strength, 0),
  ];
  return photometric(
    "emboss",
    probability,
    (random) => ({ alpha: drawn(random, shares), strength: drawn(random, heights) }),
    embossImage,
  );
}
