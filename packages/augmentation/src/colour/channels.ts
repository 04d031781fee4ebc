// Channels exchanged, dropped, and shifted along the directions in which colours vary.
import { AttributeError, ShapeError } from "@stria/core";
import { deviationOf } from "../statistics/moments.ts";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { boundOf } from "./levels.ts";

/** The channels in another order: the first one is the one that comes first in `order`. @throws AttributeError unless each channel is there once */
export function permuteChannels<Values extends Pixels>(
  { values, shape }: Image<Values>,
  order: readonly number[],
): Image<Values> {
  const [channels, height, width] = shape;
  const expected = Array.from({ length: channels }, (_, channel) => channel).join();
  if (order.toSorted((a, b) => a - b).join() !== expected)
    throw new AttributeError(
      "permuteChannels",
      `[${order.join(", ")}] is no order of ${channels} channels`,
      "name each channel once, from 0",
    );
  const size = height * width;
  const made = emptyLike(values, values.length);
  for (const [to, from] of order.entries()) made.set(values.subarray(from * size, (from + 1) * size), to * size);
  return { kind: "image", values: made, shape };
}

/**
 * The image with one channel, and in place of the others a little noise (Doersch, Gupta & Efros 2015): noise times a hundredth of the kept channel's
 * standard deviation. Without noise they are 0.
 * @throws AttributeError for a channel that is not there; ShapeError for noise of another size
 */
export function dropColours<Values extends Pixels>(
  { values, shape }: Image<Values>,
  keep: number,
  noise?: Float32Array,
): Image<Values> {
  const [channels, height, width] = shape;
  if (!Number.isSafeInteger(keep) || keep < 0 || keep >= channels)
    throw new AttributeError("dropColours", `there is no channel ${keep} of ${channels}`, "keep one that is there");
  if (noise && noise.length !== values.length)
    throw new ShapeError(
      "dropColours",
      `${noise.length} numbers of noise for ${values.length} values`,
      "pass one for each value",
    );
  const size = height * width;
  const made = emptyLike(values, values.length);
  const rounded = made instanceof Float32Array ? made : new Uint8ClampedArray(made.buffer);
  const kept = values.subarray(keep * size, (keep + 1) * size);
  const spread = 0.01 * deviationOf(kept);
  if (noise) for (let i = 0; i < noise.length; i++) rounded[i] = (noise[i] ?? 0) * spread;
  made.set(kept, keep * size);
  return { kind: "image", values: made, shape };
}

/** Directions in which the colours of a data set vary, and how much. */
export interface ColourVariation {
  /** Variances along the directions, of values from 0 to 1. */
  readonly eigenvalues: readonly number[];
  /** A row for each channel, a column for each direction. */
  readonly eigenvectors: readonly (readonly number[])[];
}

/** Those of ImageNet, as they are commonly used. */
export const imageNetColours: ColourVariation = {
  eigenvalues: [0.2175, 0.0188, 0.0045],
  eigenvectors: [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.814],
    [-0.5836, -0.6948, 0.4203],
  ],
};

/** What is added to each channel, of an image from 0 to 1 (Krizhevsky et al. 2012, section 4.1): the directions, each alpha times its eigenvalue. */
export function colourShift(
  alphas: readonly number[],
  { eigenvalues, eigenvectors }: ColourVariation,
): readonly number[] {
  return eigenvectors.map((row) =>
    row.reduce((sum, direction, i) => sum + direction * (alphas[i] ?? 0) * (eigenvalues[i] ?? 0), 0),
  );
}

/** The image with a number added to each channel, given for an image from 0 to 1. Floats are not cut off, bytes are rounded and cut. @throws ShapeError for another number of channels */
export function shiftChannels<Values extends Pixels>(
  { values, shape }: Image<Values>,
  shift: readonly number[],
): Image<Values> {
  const [channels, height, width] = shape;
  if (shift.length !== channels)
    throw new ShapeError(
      "shiftChannels",
      `${shift.length} numbers for ${channels} channels`,
      "pass one for each channel",
    );
  const made = emptyLike(values, values.length);
  const rounded = made instanceof Float32Array ? made : new Uint8ClampedArray(made.buffer);
  const size = height * width;
  for (let channel = 0; channel < channels; channel++) {
    const by = (shift[channel] ?? 0) * boundOf(values);
    for (let i = channel * size; i < (channel + 1) * size; i++) rounded[i] = (values[i] ?? 0) + by;
  }
  return { kind: "image", values: made, shape };
}
