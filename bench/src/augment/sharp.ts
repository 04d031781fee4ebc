// The recipes in sharp: native code (libvips) with vector instructions, held to one thread.
import sharp from "sharp";
import { normalised } from "./normalised.ts";
import type { Drawn, Recipe } from "./recipes.ts";

sharp.concurrency(1);
sharp.cache(false);

/** Pixels of red, green and blue, from planes. */
export function interleaved(bytes: Uint8Array, { height, width }: Recipe): Uint8Array {
  const size = height * width;
  const made = new Uint8Array(3 * size);
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < size; i++) made[3 * i + channel] = bytes[channel * size + i] ?? 0;
  return made;
}

/** The middle that brightness and contrast are around in a picture of any brightness. */
const middle = 127.5;

/** A recipe with what was drawn. libvips changes brightness, saturation and hue in another colour space, and all of them at once. */
export async function withSharp(pixels: Uint8Array, recipe: Recipe, drawn: Drawn): Promise<Float32Array> {
  const { height, width, made } = recipe;
  const { window, flip, jitter } = drawn;
  // What is inside of the picture; the rest is a black border, which comes after the mirror.
  const [left, top] = [Math.max(window.left, 0), Math.max(window.top, 0)];
  const [right, bottom] = [Math.min(window.left + window.width, width), Math.min(window.top + window.height, height)];
  let pipeline = sharp(pixels, { raw: { width, height, channels: 3 } }).extract({
    left,
    top,
    width: right - left,
    height: bottom - top,
  });
  if (made.width !== window.width || made.height !== window.height)
    pipeline = pipeline.resize(made.width, made.height, { fit: "fill", kernel: "linear" });
  if (flip) pipeline = pipeline.flop();
  const [before, after] = [left - window.left, window.left + window.width - right];
  const [above, below] = [top - window.top, window.top + window.height - bottom];
  if (before + after + above + below > 0)
    pipeline = pipeline.extend({
      left: flip ? after : before,
      right: flip ? before : after,
      top: above,
      bottom: below,
      background: { r: 0, g: 0, b: 0 },
    });
  const factors = new Map(jitter);
  if (factors.size > 0) {
    const contrast = factors.get("contrast") ?? 1;
    const hue = (360 + Math.round(360 * (factors.get("hue") ?? 0))) % 360;
    pipeline = pipeline
      .modulate({ brightness: factors.get("brightness") ?? 1, saturation: factors.get("saturation") ?? 1, hue })
      .linear(contrast, (1 - contrast) * middle);
  }
  const { data } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return normalised(data, 3, recipe);
}
