// What libraries that know no floats leave to be done: bytes of pixels to normalised planes.
import type { Recipe } from "./recipes.ts";

/** Pixels of `step` bytes each, one after the other, as normalised planes of three colours. */
export function normalised(pixels: Uint8Array, step: number, { statistics }: Recipe): Float32Array {
  const size = pixels.length / step;
  const made = new Float32Array(3 * size);
  for (let channel = 0; channel < 3; channel++) {
    const [mean, std] = [statistics.mean[channel] ?? 0, statistics.std[channel] ?? 1];
    const [scale, shift] = [1 / (255 * std), -mean / std];
    for (let i = 0; i < size; i++) made[channel * size + i] = (pixels[i * step + channel] ?? 0) * scale + shift;
  }
  return made;
}
