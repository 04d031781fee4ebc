// Colours turned around the colour circle.
import { AttributeError } from "@stria/core";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { boundOf, checkColours } from "./levels.ts";

/** From 0 to 6, of which of the three is the largest and how the others lie: red at 0, green at 2, blue at 4. */
function sixthsOf(red: number, green: number, blue: number, largest: number, range: number): number {
  if (red === largest) return (green - blue) / range;
  return green === largest ? 2 + (blue - red) / range : 4 + (red - green) / range;
}

/**
 * The image with its hues turned by a share of the circle, from -0.5 to 0.5. An image of one channel stays.
 * @throws AttributeError for a share out of range; ShapeError for an image that is neither grey nor of three colours
 */
export function adjustHue<Values extends Pixels>(image: Image<Values>, share: number): Image<Values> {
  if (!(share >= -0.5 && share <= 0.5))
    throw new AttributeError("hue", `the share is ${share}`, "use a number from -0.5 to 0.5");
  const { values, shape } = image;
  checkColours("hue", shape[0]);
  if (shape[0] === 1) return image;
  const made = emptyLike(values, values.length);
  const size = values.length / 3;
  // Bytes are taken as shares of 255, and come back times 255.999, digits left off.
  const scale = boundOf(values) === 255 ? 255.999 / 255 : 1;
  const turn = 6 * share;
  for (let i = 0; i < size; i++) {
    const [red, green, blue] = [values[i] ?? 0, values[size + i] ?? 0, values[2 * size + i] ?? 0];
    const largest = Math.max(red, green, blue);
    const range = largest - Math.min(red, green, blue);
    let sixths = range === 0 ? turn : sixthsOf(red, green, blue, largest, range) + turn;
    sixths -= 6 * Math.floor(sixths / 6);
    const sector = Math.floor(sixths);
    const part = sixths - sector;
    const [top, low] = [largest * scale, (largest - range) * scale];
    const between = (largest - range * (sector % 2 === 0 ? 1 - part : part)) * scale;
    const [first, second, third] = [i, size + i, 2 * size + i];
    if (sector === 0 || sector >= 6) [made[first], made[second], made[third]] = [top, between, low];
    else if (sector === 1) [made[first], made[second], made[third]] = [between, top, low];
    else if (sector === 2) [made[first], made[second], made[third]] = [low, top, between];
    else if (sector === 3) [made[first], made[second], made[third]] = [low, between, top];
    else if (sector === 4) [made[first], made[second], made[third]] = [between, low, top];
    else [made[first], made[second], made[third]] = [top, low, between];
  }
  return { kind: "image", values: made, shape };
}
