// Mixed samples: each image of a batch with the one before it, and their labels alike.
import { AttributeError, ShapeError } from "@stria/core";
import { rounding } from "../geometry/warp.ts";
import type { Canvas, Pixels } from "../parts.ts";
import { clippedWindow } from "../erasing/erase.ts";
import { type Window, emptyLike } from "../window.ts";

/** Images of one size, one after the other. */
export interface ImageBatch<Values extends Pixels = Pixels> {
  readonly values: Values;
  readonly shape: readonly [count: number, channels: number, height: number, width: number];
}

/** @throws AttributeError for a share that is not from 0 to 1. */
function checkShare(name: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new AttributeError(name, `lambda is ${share}`, "use a number from 0 to 1");
}

/** Each image, lambda times, plus 1 - lambda times the one before it; before the first is the last (Zhang et al. 2018). @throws AttributeError for a lambda that is not from 0 to 1 */
export function mixupImages<Values extends Pixels>(
  { values, shape }: ImageBatch<Values>,
  lambda: number,
): ImageBatch<Values> {
  checkShare("mixup", lambda);
  const made = emptyLike(values, values.length);
  const [rounded, size] = [rounding(made), values.length / shape[0]];
  for (let i = 0; i < values.length; i++) {
    const partner = i < size ? i + values.length - size : i - size;
    rounded[i] = lambda * (values[i] ?? 0) + (1 - lambda) * (values[partner] ?? 0);
  }
  return { values: made, shape };
}

/** Labels as shares `[count, numClasses]`: lambda for the label itself, the rest for the one before it. @throws AttributeError for a lambda that is not from 0 to 1; ShapeError for a label that is no class */
export function mixLabels(labels: ArrayLike<number>, numClasses: number, lambda: number): Float32Array {
  checkShare("mixLabels", lambda);
  const made = new Float32Array(labels.length * numClasses);
  for (let i = 0; i < labels.length; i++) {
    const [own = 0, partner = 0] = [labels[i], labels[(i || labels.length) - 1]];
    if (!Number.isInteger(own) || own < 0 || own >= numClasses)
      throw new ShapeError("mixLabels", `label ${own} is none of ${numClasses} classes`, "use whole numbers from 0");
    const at = i * numClasses;
    made[at + own] = lambda;
    // In float64 first: the sum of both shares of one class is 1.
    made[at + partner] = own === partner ? 1 : 1 - lambda;
  }
  return made;
}

/** The rectangle around a pixel that takes 1 - lambda of the image's area, clipped to it (Yun et al. 2019). @throws AttributeError for a lambda that is not from 0 to 1 */
export function cutmixWindow(lambda: number, x: number, y: number, canvas: Canvas): Window {
  checkShare("cutmix", lambda);
  const half = 0.5 * Math.sqrt(1 - lambda);
  const [across, down] = [Math.trunc(half * canvas.width), Math.trunc(half * canvas.height)];
  return clippedWindow({ top: y - down, left: x - across, height: 2 * down, width: 2 * across }, canvas);
}

/** The share of an image that is outside of a window: the weight of its own label. */
export function shareOutside({ height, width }: Window, canvas: Canvas): number {
  return 1 - (height * width) / (canvas.height * canvas.width);
}

/** Each image with what the one before it has in a window; before the first is the last. */
export function cutmixImages<Values extends Pixels>(
  { values, shape }: ImageBatch<Values>,
  window: Window,
): ImageBatch<Values> {
  const [count, channels, height, width] = shape;
  const made = emptyLike(values, values.length);
  made.set(values);
  const { top, left, ...size } = clippedWindow(window, { height, width });
  for (let plane = 0; plane < count * channels; plane++) {
    const partner = plane < channels ? plane + (count - 1) * channels : plane - channels;
    for (let row = top; row < top + size.height; row++) {
      const from = (partner * height + row) * width + left;
      made.set(values.subarray(from, from + size.width), (plane * height + row) * width + left);
    }
  }
  return { values: made, shape };
}
