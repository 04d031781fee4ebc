// Colours shifted along the directions in which they vary, and colours dropped.
import { AttributeError, type RandomKey, fillNormal, splitKey } from "@stria/core";
import { type Chance, photometric } from "../photometric.ts";
import type { Transform } from "../transform.ts";
import { type ColourVariation, colourShift, dropColours, imageNetColours, shiftChannels } from "./channels.ts";

export interface PcaColorShiftOptions extends Chance {
  /** The standard deviation of the alphas. Default 0.1. */
  readonly sigma?: number;
  /** Of the data set: `colourVariation(images)`. Default: ImageNet's. */
  readonly variation?: ColourVariation;
}

/** AlexNet's colour shift: along each direction by a normal alpha times its eigenvalue (Krizhevsky et al. 2012, section 4.1). The probability is 1. @throws AttributeError for an option out of range */
export function pcaColorShift(
  options: PcaColorShiftOptions = {},
): Transform<{ readonly alphas: readonly number[] } | null> {
  const { sigma = 0.1, variation = imageNetColours, probability = 1 } = options;
  if (!(sigma >= 0 && Number.isFinite(sigma)))
    throw new AttributeError("pcaColorShift", `sigma is ${sigma}`, "use a finite number from 0");
  return photometric(
    "pcaColorShift",
    probability,
    (random) => ({ alphas: variation.eigenvalues.map(() => random.normal(0, sigma)) }),
    (image, { alphas }) => shiftChannels(image, colourShift(alphas, variation)),
  );
}

export interface ColorDropOptions extends Chance {
  /** How many channels the images have. Default 3. */
  readonly channels?: number;
}

/** Which channel stays, and the noise that the others become. */
export interface ColorDropParameters {
  readonly keep: number;
  readonly noise: RandomKey;
}

/** One channel alone, the others a little noise (Doersch, Gupta & Efros 2015). The probability is 0.5. @throws AttributeError for an option out of range */
export function randomColorDrop({
  channels = 3,
  probability = 0.5,
}: ColorDropOptions = {}): Transform<ColorDropParameters | null> {
  if (!Number.isSafeInteger(channels) || channels < 1)
    throw new AttributeError("randomColorDrop", `channels is ${channels}`, "use a whole number from 1");
  return photometric(
    "randomColorDrop",
    probability,
    (random) => ({ keep: random.integer(channels), noise: splitKey(random.key, "noise") }),
    (image, { keep, noise }) => {
      const values = new Float32Array(image.values.length);
      fillNormal(noise, 0, values);
      return dropColours(image, keep, values);
    },
  );
}
