// Images as the rules of convolution and pooling take them: [images, channels, ...spatial], wherever they lie.
import { at, sizeOf } from "@stria/core";
import type { PixelOperand } from "./channels-last/pixels.ts";
import type { BufferId } from "./steps.ts";
import type { View } from "./view.ts";

export interface Images {
  readonly buffer: BufferId;
  readonly view: View;
}

/** Elements from one image, one channel and one place along each spatial axis to the next. */
export interface ImageStrides {
  readonly image: number;
  readonly channel: number;
  readonly pitch: readonly number[];
}

export function imageStrides({ view }: Images): ImageStrides {
  const [image = 0, channel = 0, ...pitch] = view.strides;
  return { image, channel, pitch };
}

/** Images as pixels one after the other, the channels of each side by side; undefined where they lie otherwise. */
export function asPixels({ buffer, view }: Images): PixelOperand | undefined {
  const [images = 0, channels = 0, ...spatial] = view.shape;
  const { image, channel, pitch } = imageStrides({ buffer, view });
  if (sizeOf(view.shape) === 0) return { buffer, offset: 0, pitch: channels };
  if (channels > 1 && channel !== 1) return undefined;
  const counts = [images, ...spatial];
  const steps = [image, ...pitch];
  const innermost = counts.findLastIndex((count) => count > 1);
  if (innermost < 0) return { buffer, offset: view.offset, pitch: channels };
  const step = at(steps, innermost);
  if (step < channels) return undefined;
  let expected = step;
  for (let axis = innermost; axis >= 0; axis--) {
    if (at(counts, axis) === 1) continue;
    if (at(steps, axis) !== expected) return undefined;
    expected *= at(counts, axis);
  }
  return { buffer, offset: view.offset, pitch: step };
}
