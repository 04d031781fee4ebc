// Labelled images of one size held as bytes, normalised when a sample is asked for.
import { AttributeError } from "@stria/core";
import { classLabel, type Dataset, type Field, type Fields } from "./dataset.ts";

export interface ImageSample {
  /** Row-major `[channels, height, width]`, normalised. */
  readonly x: Float32Array;
  /** The class, 0 to `numClasses` - 1. */
  readonly y: number;
}

/** Labelled images in memory. `x` of a sample is float32 `[channels, height, width]`: `(pixel / 255 - mean) / std`, channel by channel. */
export interface ImageDataset extends Dataset<ImageSample> {
  readonly fields: Fields & { readonly x: Field; readonly y: Field };
  readonly numClasses: number;
  readonly classNames: readonly string[];
  /** Of each channel, of pixels / 255: what was subtracted and divided by. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  get(index: number): ImageSample;
  /** The pixels as stored, 0 to 255, `[channels, height, width]`, without padding: for showing. */
  pixels(index: number): Uint8Array;
  /** The class of a sample, from 0. */
  label(index: number): number;
}

export interface NormaliseOptions {
  /**
   * Mean and standard deviation of each channel, of pixels / 255; `false` leaves `pixel / 255`, from 0 to 1. Default: those that the data
   * set is usually given.
   */
  readonly normalise?: false | { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Rows and columns of zeros to add on each side after normalising: 2 makes 28x28 the 32x32 of LeNet-5. Default: 0. */
  readonly pad?: number;
}

/** Where images come from: stored, or drawn when they are first asked for. */
export interface ImageSource {
  readonly length: number;
  /** `[channels, height, width]`. */
  readonly shape: readonly [number, number, number];
  readonly classNames: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  pixels(index: number): Uint8Array;
  label(index: number): number;
}

function checkNormalisation(mean: readonly number[], std: readonly number[], channels: number): void {
  if (
    mean.length !== channels ||
    std.length !== channels ||
    !mean.every(Number.isFinite) ||
    !std.every((value) => value > 0)
  )
    throw new AttributeError(
      "normalise",
      `mean [${mean.join(", ")}] and std [${std.join(", ")}] are not those of ${channels} channels`,
      "pass one mean and one std, above 0, for each channel",
    );
}

/** The dataset of the images of `source`. @throws AttributeError when `normalise` or `pad` does not fit them */
export function imageDataset(source: ImageSource, options: NormaliseOptions = {}): ImageDataset {
  const { normalise, pad = 0 } = options;
  const [channels, height, width] = source.shape;
  const unchanged = { mean: source.mean.map(() => 0), std: source.std.map(() => 1) };
  const { mean, std } = normalise === false ? unchanged : (normalise ?? source);
  checkNormalisation(mean, std, channels);
  if (!Number.isInteger(pad) || pad < 0)
    throw new AttributeError("pad", `${pad} is not a whole number from 0`, "pass how many rows and columns to add");
  // A pixel has 256 values, so normalising is a look-up: computed in float64, rounded once.
  const tables = mean.map((middle, channel) =>
    Float32Array.from({ length: 256 }, (_, pixel) => (pixel / 255 - middle) / (std[channel] ?? 1)),
  );
  const paddedHeight = height + 2 * pad;
  const paddedWidth = width + 2 * pad;
  const shape = [channels, paddedHeight, paddedWidth];

  function checkIndex(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= source.length)
      throw new AttributeError(
        "dataset",
        `there is no sample ${index} of ${source.length}`,
        `use 0 to ${source.length - 1}`,
      );
  }

  function normalised(index: number): Float32Array {
    const pixels = source.pixels(index);
    const values = new Float32Array(channels * paddedHeight * paddedWidth);
    let from = 0;
    for (const [channel, table] of tables.entries())
      for (let row = 0; row < height; row++) {
        const to = (channel * paddedHeight + pad + row) * paddedWidth + pad;
        for (let column = 0; column < width; column++) values[to + column] = table[pixels[from++] ?? 0] ?? 0;
      }
    return values;
  }

  return {
    length: source.length,
    fields: { x: { shape, dtype: "float32" }, y: classLabel(source.classNames.length) },
    numClasses: source.classNames.length,
    classNames: source.classNames,
    mean,
    std,
    get(index) {
      checkIndex(index);
      return { x: normalised(index), y: source.label(index) };
    },
    pixels(index) {
      checkIndex(index);
      return source.pixels(index);
    },
    label(index) {
      checkIndex(index);
      return source.label(index);
    },
  };
}

/** A source of images that are stored one after the other. */
export function storedImages(
  pixels: Uint8Array,
  labels: Uint8Array,
  about: Pick<ImageSource, "shape" | "classNames" | "mean" | "std">,
): ImageSource {
  const size = about.shape[0] * about.shape[1] * about.shape[2];
  return {
    ...about,
    length: labels.length,
    pixels: (index) => pixels.subarray(index * size, (index + 1) * size),
    label: (index) => labels[index] ?? -1,
  };
}
