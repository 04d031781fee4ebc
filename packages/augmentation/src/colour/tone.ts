// Curves of one value at a time: gamma, the negative, posterising, solarising.
import { AttributeError } from "@stria/core";
import type { Image, Pixels } from "../parts.ts";
import { boundOf, eachValue, truncated, unit } from "./levels.ts";

/** gain x^gamma of an image from 0 to 1; above 1 shadows become darker. @throws AttributeError for a gamma below 0, or a gain that is not finite */
export function adjustGamma<Values extends Pixels>(image: Image<Values>, gamma: number, gain = 1): Image<Values> {
  if (!(gamma >= 0 && Number.isFinite(gamma)))
    throw new AttributeError("gamma", `gamma is ${gamma}`, "use a finite number from 0; 1 changes nothing");
  if (!Number.isFinite(gain)) throw new AttributeError("gamma", `gain is ${gain}`, "use a finite number");
  const level = (value: number): number => unit(gain * value ** gamma);
  return eachValue(image, (value) => truncated(level(value / 255) * 255.999), level);
}

/** The negative. */
export function invertImage<Values extends Pixels>(image: Image<Values>): Image<Values> {
  return eachValue(
    image,
    (value) => 255 - value,
    (value) => 1 - value,
  );
}

/** The image with only so many bits a value: bytes keep their highest ones, floats get 2^bits levels. @throws AttributeError unless bits is a whole number from 0 to 8 */
export function posterize<Values extends Pixels>(image: Image<Values>, bits: number): Image<Values> {
  if (!Number.isSafeInteger(bits) || bits < 0 || bits > 8)
    throw new AttributeError("posterize", `bits is ${bits}`, "use a whole number from 0 to 8");
  const levels = 2 ** bits;
  const kept = 256 - 256 / levels;
  return eachValue(
    image,
    (value) => value & kept,
    (value) => Math.min(Math.max(Math.floor(value * levels), 0), levels - 1) / levels,
  );
}

/** The image with the negative of what is at least as bright as the threshold. @throws AttributeError for a threshold above 255 of bytes, or 1 of floats */
export function solarize<Values extends Pixels>(image: Image<Values>, threshold: number): Image<Values> {
  const bound = boundOf(image.values);
  if (!(threshold <= bound))
    throw new AttributeError(
      "solarize",
      `the threshold is ${threshold}`,
      `use a number up to ${bound} for such an image`,
    );
  const level = (value: number): number => (value >= threshold ? bound - value : value);
  return eachValue(image, level, level);
}
