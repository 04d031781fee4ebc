// Brightness, contrast and saturation: the image mixed with black, its mean grey, and its grey, beyond both ends too.
import { AttributeError } from "@stria/core";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { greyOfBytes, greyOfFloats, greyPlane } from "./grey.ts";
import { checkColours, eachValue, truncated, unit } from "./levels.ts";

/** @throws AttributeError for a factor below 0. */
export function checkFactor(name: string, factor: number): void {
  if (!(factor >= 0 && Number.isFinite(factor)))
    throw new AttributeError(name, `the factor is ${factor}`, "use a finite number from 0; 1 changes nothing");
}

/** The image so many times as bright; 0 is black. Bytes are computed in float32 and cut off, as torchvision does. @throws AttributeError for a factor below 0 */
export function adjustBrightness<Values extends Pixels>(image: Image<Values>, factor: number): Image<Values> {
  checkFactor("brightness", factor);
  const single = Math.fround(factor);
  return eachValue(
    image,
    (value) => truncated(Math.fround(value * single)),
    (value) => unit(value * factor),
  );
}

/** The image with so many times the contrast; 0 is its mean grey all over. @throws AttributeError for a factor below 0; ShapeError for an image that is neither grey nor of three colours */
export function adjustContrast<Values extends Pixels>(image: Image<Values>, factor: number): Image<Values> {
  checkFactor("contrast", factor);
  checkColours("contrast", image.shape[0]);
  const grey = greyPlane(image);
  let sum = 0;
  for (let i = 0; i < grey.length; i++) sum += grey[i] ?? 0;
  const mean = sum / grey.length;
  const [single, rest, singleMean] = [Math.fround(factor), Math.fround(1 - factor), Math.fround(mean)];
  return eachValue(
    image,
    (value) => truncated(Math.fround(Math.fround(value * single) + rest * singleMean)),
    (value) => unit(value * factor + (1 - factor) * mean),
  );
}

/** A number cut to what is from 0 to 255; what is behind the point is left off when it is stored. */
function cut(value: number): number {
  if (value < 0) return 0;
  return value > 255 ? 255 : value;
}

/** In float32: x f, and (1 - f) of each grey. */
function saturateBytes(values: Uint8Array, made: Uint8Array, factor: number): void {
  const size = values.length / 3;
  const [single, rest] = [Math.fround(factor), Math.fround(1 - factor)];
  const own = new Float64Array(256);
  for (let value = 0; value < 256; value++) own[value] = Math.fround(value * single);
  for (let i = 0; i < size; i++) {
    const [red, green, blue] = [values[i] ?? 0, values[size + i] ?? 0, values[2 * size + i] ?? 0];
    const share = rest * greyOfBytes(red, green, blue);
    made[i] = cut(Math.fround((own[red] ?? 0) + share));
    made[size + i] = cut(Math.fround((own[green] ?? 0) + share));
    made[2 * size + i] = cut(Math.fround((own[blue] ?? 0) + share));
  }
}

/** The image with colours so many times as strong; 0 is grey. An image of one channel stays. @throws AttributeError for a factor below 0; ShapeError for an image that is neither grey nor of three colours */
export function adjustSaturation<Values extends Pixels>(image: Image<Values>, factor: number): Image<Values> {
  checkFactor("saturation", factor);
  const { values, shape } = image;
  checkColours("saturation", shape[0]);
  if (shape[0] === 1) return image;
  const made = emptyLike(values, values.length);
  const size = values.length / 3;
  if (values instanceof Uint8Array && made instanceof Uint8Array) saturateBytes(values, made, factor);
  else
    for (let i = 0; i < size; i++) {
      const [red, green, blue] = [values[i] ?? 0, values[size + i] ?? 0, values[2 * size + i] ?? 0];
      const share = (1 - factor) * greyOfFloats(red, green, blue);
      made[i] = unit(red * factor + share);
      made[size + i] = unit(green * factor + share);
      made[2 * size + i] = unit(blue * factor + share);
    }
  return { kind: "image", values: made, shape };
}
