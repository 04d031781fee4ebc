// Pixels as numbers around 0 that a network learns from.
import { AttributeError, ShapeError } from "@stria/core";
import { boundOf } from "../colour/levels.ts";
import type { Image } from "../parts.ts";
import { momentsOf } from "./moments.ts";

/** Of each channel, of images from 0 to 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Those of ImageNet, as published networks expect them. */
export const imageNetStatistics: ChannelStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** @throws AttributeError for a standard deviation that is not above 0, or not as many as there are means. */
export function checkStatistics({ mean, std }: ChannelStatistics): void {
  const wrong = std.find((one) => !(one > 0));
  if (wrong !== undefined) throw new AttributeError("normalise", `std has ${wrong}`, "use numbers above 0");
  if (mean.length !== std.length || !mean.every(Number.isFinite))
    throw new AttributeError(
      "normalise",
      `mean is [${mean.join(", ")}] and std [${std.join(", ")}]`,
      "pass a finite number of each for each channel",
    );
}

/** In a function of its own, where an engine sees bytes and floats alone. */
function lookUpFloats(from: Uint8Array, table: Float32Array, into: Float32Array, start: number, end: number): void {
  for (let i = start; i < end; i++) into[i] = table[from[i] ?? 0] ?? 0;
}

/** (x - mean) / std of each channel, as floats; bytes are divided by 255 first. @throws AttributeError for a std that is not above 0; ShapeError for another number of channels */
export function normaliseImage({ values, shape }: Image, statistics: ChannelStatistics): Image<Float32Array> {
  checkStatistics(statistics);
  const [channels, height, width] = shape;
  const { mean, std } = statistics;
  if (mean.length !== channels)
    throw new ShapeError("normalise", `${mean.length} means for ${channels} channels`, "pass one for each channel");
  const size = height * width;
  const [made, table] = [new Float32Array(values.length), new Float32Array(256)];
  for (let channel = 0; channel < channels; channel++) {
    const [middle, spread] = [mean[channel] ?? 0, std[channel] ?? 1];
    const start = channel * size; // apart from the others: in one list with them engines take it for a float
    if (values instanceof Uint8Array) {
      for (let value = 0; value < 256; value++) table[value] = (value / 255 - middle) / spread;
      lookUpFloats(values, table, made, start, start + size);
    } else for (let i = start; i < start + size; i++) made[i] = ((values[i] ?? 0) - middle) / spread;
  }
  return { kind: "image", values: made, shape };
}

/** (x - mean) / deviation over all of the image, as floats, with a deviation of at least 1 / sqrt(count), so that a flat image is 0 (TensorFlow's rule). */
export function standardiseImage({ values, shape }: Image): Image<Float32Array> {
  const { mean, deviation } = momentsOf(values);
  const spread = Math.max(deviation, boundOf(values) / Math.sqrt(values.length));
  const made = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) made[i] = ((values[i] ?? 0) - mean) / spread;
  return { kind: "image", values: made, shape };
}
