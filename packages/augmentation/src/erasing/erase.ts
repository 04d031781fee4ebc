// Rectangles of an image replaced by a colour or by noise.
import { ShapeError } from "@stria/core";
import { type Fill, fillsOf } from "../fill.ts";
import type { Canvas, Image, Pixels } from "../parts.ts";
import { type Window, checkWindow, emptyLike } from "../window.ts";

/** The part of a window that is inside of the image; of no height or width where it lies outside. */
export function clippedWindow({ top, left, height, width }: Window, canvas: Canvas): Window {
  const [first, start] = [Math.max(top, 0), Math.max(left, 0)];
  return {
    top: first,
    left: start,
    height: Math.max(Math.min(top + height, canvas.height) - first, 0),
    width: Math.max(Math.min(left + width, canvas.width) - start, 0),
  };
}

/** The square of `length` around a pixel, half of it (rounded down) before the pixel and as much from it on, as cutout takes it (DeVries & Taylor 2017). */
export function squareAround(row: number, column: number, length: number): Window {
  const half = Math.floor(length / 2);
  return { top: row - half, left: column - half, height: 2 * half, width: 2 * half };
}

/**
 * The image with what is in a window replaced: by a number, by one for each channel, or by values `[channels, height, width]` of the window. The window may
 * reach beyond the image.
 * @throws ShapeError for values of another size; AttributeError for a fill that does not fit, or a window not of whole pixels
 */
export function eraseImage<Values extends Pixels>(
  { values, shape }: Image<Values>,
  windows: Window | readonly Window[],
  fill: Fill | Pixels = 0,
): Image<Values> {
  const [channels, height, width] = shape;
  const made = emptyLike(values, values.length);
  made.set(values);
  const pixels = fill instanceof Uint8Array || fill instanceof Float32Array ? fill : undefined;
  const fills = typeof fill === "number" || !pixels ? fillsOf("erase", values, fill as Fill, channels) : [];
  for (const window of "top" in windows ? [windows] : windows) {
    if (window.height === 0 || window.width === 0) continue;
    checkWindow("erase", window);
    if (pixels && pixels.length !== channels * window.height * window.width)
      throw new ShapeError(
        "erase",
        `${pixels.length} values for a window of ${window.height}x${window.width} and ${channels} channels`,
        "pass [channels, height, width] of them",
      );
    const clipped = clippedWindow(window, { height, width });
    for (let channel = 0; channel < channels; channel++)
      for (let row = clipped.top; row < clipped.top + clipped.height; row++) {
        const to = (channel * height + row) * width + clipped.left;
        if (!pixels) {
          made.fill(fills[channel] ?? 0, to, to + clipped.width);
          continue;
        }
        const from = (channel * window.height + row - window.top) * window.width + clipped.left - window.left;
        made.set(pixels.subarray(from, from + clipped.width), to);
      }
  }
  return { kind: "image", values: made, shape };
}
