// From pixels in the file's order to upright planes with the channels that were asked for.
import type { Orientation, Pixels } from "./image.ts";

/** Where the walk through the stored pixels starts, and its steps to the right and down in the upright image. */
const walks: Readonly<Record<Orientation, (width: number, height: number) => readonly [number, number, number]>> = {
  1: (width) => [0, 1, width],
  2: (width) => [width - 1, -1, width],
  3: (width, height) => [width * height - 1, -1, -width],
  4: (width, height) => [width * (height - 1), 1, -width],
  5: (width) => [0, width, 1],
  6: (width, height) => [width * (height - 1), -width, 1],
  7: (width, height) => [width * height - 1, -width, -1],
  8: (width) => [width - 1, width, -1],
};

/** ITU-R BT.601's luma, in 16 bits of fraction that sum to one. */
function luma(red: number, green: number, blue: number): number {
  return Math.floor((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536);
}

/** Whether width and height change places. */
export function turnsSides(orientation: Orientation): boolean {
  return orientation >= 5;
}

/** Every `stride`th byte, which is what most images need: a loop of one type. */
function copyPlane(data: Uint8Array, from: number, stride: number, planes: Uint8Array, to: number, area: number): void {
  let at = from;
  for (let pixel = to; pixel < to + area; pixel++) {
    planes[pixel] = data[at] ?? 0;
    at += stride;
  }
}

/** The planes of `pixels`, turned. Grey repeats into colour, colour becomes luma, alpha is dropped or opaque. */
export function planesOf(pixels: Pixels, channels: number, orientation: Orientation): Pixels["data"] {
  const { data, width, height, stride } = pixels;
  const area = width * height;
  const opaque = data instanceof Uint16Array ? 65535 : 255;
  const planes = data instanceof Uint16Array ? new Uint16Array(channels * area) : new Uint8Array(channels * area);
  const [start, right, down] = walks[orientation](width, height);
  const [columns, rows] = turnsSides(orientation) ? [height, width] : [width, height];
  const hasColour = pixels.channels >= 3;
  const storedAlpha = pixels.channels % 2 === 0 ? pixels.channels - 1 : undefined;
  for (let plane = 0; plane < channels; plane++) {
    const isAlpha = channels % 2 === 0 && plane === channels - 1;
    const mixes = hasColour && channels <= 2 && !isAlpha;
    const from = isAlpha ? storedAlpha : hasColour ? plane : 0;
    if (from === undefined) {
      planes.fill(opaque, plane * area, (plane + 1) * area);
      continue;
    }
    let to = plane * area;
    if (!mixes && orientation === 1) {
      if (data instanceof Uint8Array && planes instanceof Uint8Array) copyPlane(data, from, stride, planes, to, area);
      else for (let at = from; to < (plane + 1) * area; at += stride) planes[to++] = data[at] ?? 0;
      continue;
    }
    for (let row = 0; row < rows; row++) {
      let at = (start + row * down) * stride + from;
      for (let column = 0; column < columns; column++, at += right * stride)
        planes[to++] = mixes ? luma(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0) : (data[at] ?? 0);
    }
  }
  return planes;
}
