// Sharper or softer: the image mixed with a smoothed one, beyond both ends too.
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { checkFactor } from "./blend.ts";
import { truncated, unit } from "./levels.ts";

/** The image so many times as sharp; 0 is smoothed by [1 1 1; 1 5 1; 1 1 1] / 13. The outermost pixels stay. @throws AttributeError for a factor below 0 */
export function adjustSharpness<Values extends Pixels>(image: Image<Values>, factor: number): Image<Values> {
  checkFactor("sharpness", factor);
  const { values, shape } = image;
  const [channels, height, width] = shape;
  const made = emptyLike(values, values.length);
  made.set(values);
  const bytes = values instanceof Uint8Array;
  const rest = bytes ? Math.fround(1 - factor) : 1 - factor;
  for (let channel = 0; channel < channels; channel++)
    for (let row = 1; row < height - 1; row++) {
      const start = (channel * height + row) * width;
      for (let at = start + 1; at < start + width - 1; at++) {
        const value = values[at] ?? 0;
        let sum = 4 * value;
        for (let line = at - width; line <= at + width; line += width)
          sum += (values[line - 1] ?? 0) + (values[line] ?? 0) + (values[line + 1] ?? 0);
        // A whole number over 13 is never half way between two.
        if (bytes) made[at] = truncated(Math.fround(value + rest * (Math.round(sum / 13) - value)));
        else made[at] = unit(value + rest * (sum / 13 - value));
      }
    }
  return { kind: "image", values: made, shape };
}
