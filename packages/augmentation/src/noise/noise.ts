// Noise of a sensor: Gaussian, and pixels that are black or white.
import { AttributeError, ShapeError } from "@stria/core";
import { boundOf } from "../colour/levels.ts";
import { rounding } from "../geometry/warp.ts";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";

export interface GaussianNoiseParameters {
  /** Of an image from 0 to 1. Default 0. */
  readonly mean?: number;
  /** The standard deviation, of an image from 0 to 1. */
  readonly sigma: number;
  /** Whether floats are cut to what is from 0 to 1; bytes always are. Default true. */
  readonly clip?: boolean;
}

/** @throws ShapeError unless there is a number for each value. */
function checkCount(name: string, found: number, wanted: number): void {
  if (found !== wanted)
    throw new ShapeError(name, `${found} numbers of noise where ${wanted} are wanted`, "pass as many");
}

/** The image plus mean + sigma times standard normal noise, a number for each value. @throws AttributeError for a sigma below 0; ShapeError for noise of another size */
export function addNoise<Values extends Pixels>(
  { values, shape }: Image<Values>,
  noise: Float32Array,
  { mean = 0, sigma, clip = true }: GaussianNoiseParameters,
): Image<Values> {
  if (!(sigma >= 0 && Number.isFinite(sigma) && Number.isFinite(mean)))
    throw new AttributeError(
      "addNoise",
      `mean is ${mean} and sigma ${sigma}`,
      "use finite numbers, and a sigma from 0",
    );
  checkCount("addNoise", noise.length, values.length);
  const [bound, made] = [boundOf(values), emptyLike(values, values.length)];
  const rounded = rounding(made);
  const [low, high] = clip ? [0, bound] : [-Infinity, Infinity];
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) + (mean + sigma * (noise[i] ?? 0)) * bound;
    rounded[i] = Math.min(Math.max(value, low), high);
  }
  return { kind: "image", values: made, shape };
}

/** The image with a share of its pixels black or white, as often the one as the other: those whose number, from 0 to 1, is below half of the share, or at least 1 less half of it. @throws AttributeError for a share that is not from 0 to 1; ShapeError unless there is a number for each pixel */
export function saltAndPepper<Values extends Pixels>(
  { values, shape }: Image<Values>,
  noise: Float32Array,
  amount: number,
): Image<Values> {
  if (!(amount >= 0 && amount <= 1))
    throw new AttributeError("saltAndPepper", `amount is ${amount}`, "use a number from 0 to 1");
  const [, height, width] = shape;
  const size = height * width;
  checkCount("saltAndPepper", noise.length, size);
  const [bound, made] = [boundOf(values), emptyLike(values, values.length)];
  // In float32, as the numbers are, so that batches on a backend decide alike.
  const half = Math.fround(Math.fround(amount) / 2);
  const rest = Math.fround(1 - half);
  for (let i = 0; i < values.length; i++) {
    const drawn = noise[i % size] ?? 0;
    const white = drawn >= rest ? bound : (values[i] ?? 0);
    made[i] = drawn < half ? 0 : white;
  }
  return { kind: "image", values: made, shape };
}
