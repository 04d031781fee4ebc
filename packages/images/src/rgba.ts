// Pixels as the codecs of others take them.
import type { Pixels } from "./image.ts";

/** RGBA of grey, RGB or RGBA of 8 bits. */
export function rgbaOf({ data, width, height, channels, stride }: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < Math.max(channels, 3); channel++)
      rgba[4 * pixel + channel] = data[pixel * stride + (channels >= 3 ? channel : 0)] ?? 0;
  return rgba;
}
