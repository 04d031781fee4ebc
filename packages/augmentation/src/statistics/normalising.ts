// Normalisation as the last transform of a list: images become floats.
import { colourRules } from "../photometric.ts";
import type { Transform } from "../transform.ts";
import { type ChannelStatistics, checkStatistics, normaliseImage, standardiseImage } from "./normalise.ts";

type Nothing = Readonly<Record<string, never>>;

/** (x - mean) / std of each channel, of images from 0 to 1, bytes divided by 255 first. @throws AttributeError for a std that is not above 0; ShapeError, when it is applied, for another number of channels */
export function normalise(statistics: ChannelStatistics): Transform<Nothing> {
  checkStatistics(statistics);
  return {
    name: "normalise",
    draw: () => ({}),
    sizeAfter: (canvas) => canvas,
    rules: colourRules((part) => normaliseImage(part, statistics)),
  };
}

/** Each image with mean 0 and standard deviation 1 (TensorFlow's rule for flat images). */
export function standardise(): Transform<Nothing> {
  return {
    name: "standardise",
    draw: () => ({}),
    sizeAfter: (canvas) => canvas,
    rules: colourRules((part) => standardiseImage(part)),
  };
}
