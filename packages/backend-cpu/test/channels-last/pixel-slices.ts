// Pixels as a slice of the channels of wider ones.
import type { PixelOperand } from "../../src/program/channels-last/pixels.ts";

/** Pixels with `margin` channels of NaN before and behind their own. */
export function widened(values: Float32Array, channels: number, margin: number): Float32Array {
  const pitch = channels + 2 * margin;
  const wide = new Float32Array((values.length / channels) * pitch).fill(NaN);
  for (const [index, value] of values.entries())
    wide[Math.floor(index / channels) * pitch + margin + (index % channels)] = value;
  return wide;
}

/** The slice of a buffer of such pixels. */
export function sliceOf(buffer: number, channels: number, margin: number): PixelOperand {
  return margin > 0 ? { buffer, offset: margin, pitch: channels + 2 * margin } : { buffer, offset: 0 };
}

/** The slice's values. @throws Error where anything else was written. */
export function narrowed(wide: Float32Array, channels: number, margin: number): Float32Array {
  const pitch = channels + 2 * margin;
  const inside = (index: number): boolean => index % pitch >= margin && index % pitch < margin + channels;
  for (const [index, value] of wide.entries())
    if (!inside(index) && !Number.isNaN(value)) throw new Error(`wrote beside the slice, at ${index}`);
  return wide.filter((_, index) => inside(index));
}
