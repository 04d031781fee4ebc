// From a picture to what a model reads: the middle of it, scaled to the input's size, its channels normalised.
import { type Tensor, fromHost } from "@stria/core";
import type { ModelInfo, Preprocessing } from "@stria/zoo";
import { Refusal } from "./refusal.ts";

export interface Pixels {
  /** What the model sees, before normalisation; the padding is clear. */
  readonly shown: ImageData;
  /** [1, channels, height, width] */
  readonly input: Tensor;
}

/** Whether a model reads pictures of one or three channels. */
export function readsImages({ inputShape, preprocessing }: ModelInfo): boolean {
  return preprocessing !== null && inputShape.length === 3 && (inputShape[0] === 1 || inputShape[0] === 3);
}

/** The middle of the picture in the shape of the target, scaled to it (the same pixels where the size is the same), with `pad` clear pixels around. */
function scaled(picture: ImageBitmap, width: number, height: number, pad: number): ImageData {
  const context = new OffscreenCanvas(width + 2 * pad, height + 2 * pad).getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Refusal("This browser draws on no canvas in a worker.");
  const scale = Math.max(width / picture.width, height / picture.height);
  const [cutWidth, cutHeight] = [width / scale, height / scale];
  const [left, top] = [(picture.width - cutWidth) / 2, (picture.height - cutHeight) / 2];
  context.imageSmoothingEnabled = scale !== 1;
  context.imageSmoothingQuality = "high";
  context.fillRect(pad, pad, width, height); // what a transparent picture is drawn on
  context.drawImage(picture, left, top, cutWidth, cutHeight, pad, pad, width, height);
  return context.getImageData(0, 0, width + 2 * pad, height + 2 * pad);
}

/** Luma of Rec. 601, as grey images are usually made. */
const grey = [0.299, 0.587, 0.114];

/** @throws Refusal for a model that reads no pictures. */
export function pixelsOf(
  picture: ImageBitmap,
  info: ModelInfo,
  { mean, standardDeviation, pad }: Preprocessing,
): Pixels {
  const [channels = 0, height = 0, width = 0] = info.inputShape;
  if (!readsImages(info)) throw new Refusal(`${info.name} reads no pictures.`);
  const shown = scaled(picture, width - 2 * pad, height - 2 * pad, pad);
  const values = new Float32Array(channels * height * width);
  for (let channel = 0; channel < channels; channel++) {
    const [shift = 0, scale = 1] = [mean[channel], standardDeviation[channel]];
    for (let row = pad; row < height - pad; row++)
      for (let column = pad; column < width - pad; column++) {
        const place = 4 * (row * width + column);
        const at = (index: number): number => shown.data[place + index] ?? 0;
        const byte = channels === 1 ? grey.reduce((sum, weight, index) => sum + weight * at(index), 0) : at(channel);
        values[(channel * height + row) * width + column] = (byte / 255 - shift) / scale;
      }
  }
  return { shown, input: fromHost(values, [1, channels, height, width], "float32") };
}
