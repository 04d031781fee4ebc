// JPEG files in memory, which threads share, and what a loader makes of them: decoded, cropped and resized to CIFAR's size, flipped, jittered, normalised.
import {
  type Augmentation,
  type Transform,
  augmented,
  colorJitter,
  compose,
  horizontalFlip,
  normalise,
  randomResizedCrop,
} from "@stria/augmentation";
import { type Dataset, classLabel } from "@stria/data";
import { decodeImage, encodeImage } from "@stria/images";
import { numbers } from "../numbers.ts";

/** Files one after the other, and where each begins; the last number is where the last one ends. */
export interface Files {
  readonly bytes: SharedArrayBuffer;
  readonly starts: readonly number[];
}

const side = 160;

/** JPEG files of 160x160 pixels. */
export async function makeFiles(count: number): Promise<Files> {
  const random = numbers();
  const files = await Promise.all(
    Array.from({ length: count }, () => {
      // Waves and a little noise: it compresses as photographs do.
      const [noise, wave] = [random(3 * side * side, 8), random(2, 0.1)];
      const data = Uint8Array.from(noise, (value, place) => {
        const [channel, row, column] = [
          Math.floor(place / (side * side)),
          Math.floor(place / side) % side,
          place % side,
        ];
        return 128 + 80 * Math.sin(channel + row * (wave[0] ?? 0) + column * (wave[1] ?? 0)) + value;
      });
      return encodeImage({ data, shape: [3, side, side] }, { format: "jpeg" });
    }),
  );
  const starts = [0];
  for (const file of files) starts.push((starts.at(-1) ?? 0) + file.length);
  const bytes = new SharedArrayBuffer(starts.at(-1) ?? 0);
  for (const [index, file] of files.entries()) new Uint8Array(bytes).set(file, starts[index] ?? 0);
  return { bytes, starts };
}

interface Picture {
  readonly x: Uint8Array;
  readonly y: number;
}

/** The files decoded, again and again. */
export function picturesOf({ bytes, starts }: Files, length: number): Dataset<Picture> {
  return {
    length,
    fields: { x: { shape: [3, side, side], dtype: "uint8" }, y: classLabel(10) },
    async get(index) {
      const number = index % (starts.length - 1);
      const file = new Uint8Array(bytes).slice(starts[number], starts[number + 1]);
      const { data } = await decodeImage(file, { name: `${number}.jpg`, channels: 3 });
      if (data instanceof Uint16Array) throw new TypeError("files of 8 bits");
      return { x: data, y: index % 10 };
    },
  };
}

const recipe = compose([
  randomResizedCrop(32),
  horizontalFlip(),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
  normalise({ mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] }),
]) as Transform<unknown, "image">;

/** What the loader and its workers do to them. */
export function augmentationOf(pictures: Dataset<Picture>): Augmentation<Picture> {
  return augmented(pictures, { x: "image" }, recipe);
}
