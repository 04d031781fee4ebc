// Colours changed at random in one way each.
import { AttributeError } from "@stria/core";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn, drawnWhole, factorRange, wholeRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import { permuteChannels } from "./channels.ts";
import { greyImage } from "./grey.ts";
import { autocontrast, equalize } from "./histogram.ts";
import { adjustSharpness } from "./sharpness.ts";
import { boundOf } from "./levels.ts";
import { adjustGamma, invertImage, posterize, solarize } from "./tone.ts";

/** That it is done. */
export type Done = Readonly<Record<string, never>>;

const done: Done = {};

export interface GammaOptions extends Chance {
  /** Exponents above 0, drawn evenly of the logarithm. Default 0.8 to 1.25. */
  readonly gamma?: Range;
}

/** x^gamma of an image from 0 to 1. The probability is 1. @throws AttributeError for an option out of range */
export function randomGamma({ gamma = [0.8, 1.25], probability = 1 }: GammaOptions = {}): Transform<{
  readonly gamma: number;
} | null> {
  const [low, high] = checkedRange("randomGamma", "gamma", gamma, 1e-6);
  return photometric(
    "randomGamma",
    probability,
    (random) => ({ gamma: Math.exp(drawn(random, [Math.log(low), Math.log(high)])) }),
    (image, parameters) => adjustGamma(image, parameters.gamma),
  );
}

/** Grey, of as many channels as before. The probability is 0.1. @throws AttributeError for a probability that is not from 0 to 1 */
export function randomGrayscale({ probability = 0.1 }: Chance = {}): Transform<Done | null> {
  return photometric(
    "randomGrayscale",
    probability,
    () => done,
    (image) => greyImage(image, image.shape[0] === 1 ? 1 : 3),
  );
}

/** The negative. The probability is 0.5. @throws AttributeError for a probability that is not from 0 to 1 */
export function randomInvert({ probability = 0.5 }: Chance = {}): Transform<Done | null> {
  return photometric("randomInvert", probability, () => done, invertImage);
}

export interface PosterizeOptions extends Chance {
  /** Bits that each value keeps, from 0 to 8. Default 4. */
  readonly bits?: number | Range;
}

/** Fewer levels. The probability is 0.5. @throws AttributeError for an option out of range */
export function randomPosterize({ bits = 4, probability = 0.5 }: PosterizeOptions = {}): Transform<{
  readonly bits: number;
} | null> {
  const range = wholeRange("randomPosterize", "bits", checkedRange("randomPosterize", "bits", bits, 0, 8), 0);
  return photometric(
    "randomPosterize",
    probability,
    (random) => ({ bits: drawnWhole(random, range) }),
    (image, parameters) => posterize(image, parameters.bits),
  );
}

export interface SolarizeOptions extends Chance {
  /** From which brightness on, from 0 to 1 whatever the image's values are. Default 0.5. */
  readonly threshold?: number | Range;
}

/** The negative of what is bright. The probability is 0.5. @throws AttributeError for an option out of range */
export function randomSolarize({ threshold = 0.5, probability = 0.5 }: SolarizeOptions = {}): Transform<{
  readonly threshold: number;
} | null> {
  const range = checkedRange("randomSolarize", "threshold", threshold, 0, 1);
  return photometric(
    "randomSolarize",
    probability,
    (random) => ({ threshold: drawn(random, range) }),
    (image, parameters) => solarize(image, parameters.threshold * boundOf(image.values)),
  );
}

/** All levels about as frequent. The probability is 0.5. @throws AttributeError for a probability that is not from 0 to 1 */
export function randomEqualize({ probability = 0.5 }: Chance = {}): Transform<Done | null> {
  return photometric("randomEqualize", probability, () => done, equalize);
}

/** Each channel from black to white. The probability is 0.5. @throws AttributeError for a probability that is not from 0 to 1 */
export function randomAutocontrast({ probability = 0.5 }: Chance = {}): Transform<Done | null> {
  return photometric("randomAutocontrast", probability, () => done, autocontrast);
}

export interface SharpnessOptions extends Chance {
  /** Factors; a number a stands for 1 - a to 1 + a. Default 0 to 2. */
  readonly sharpness?: number | Range;
}

/** Sharper or softer. The probability is 0.5. @throws AttributeError for an option out of range */
export function randomSharpness({ sharpness = [0, 2], probability = 0.5 }: SharpnessOptions = {}): Transform<{
  readonly factor: number;
} | null> {
  const range = factorRange("randomSharpness", "sharpness", sharpness);
  return photometric(
    "randomSharpness",
    probability,
    (random) => ({ factor: drawn(random, range) }),
    (image, { factor }) => adjustSharpness(image, factor),
  );
}

export interface ChannelOptions extends Chance {
  /** How many channels the images have. Default 3. */
  readonly channels?: number;
}

/** The channels in another order. The probability is 0.5. @throws AttributeError for an option out of range, or, when it is applied, for another number of channels */
export function randomChannelPermutation({ channels = 3, probability = 0.5 }: ChannelOptions = {}): Transform<{
  readonly order: readonly number[];
} | null> {
  if (!Number.isSafeInteger(channels) || channels < 1)
    throw new AttributeError("randomChannelPermutation", `channels is ${channels}`, "use a whole number from 1");
  return photometric(
    "randomChannelPermutation",
    probability,
    (random) => {
      const left = Array.from({ length: channels }, (_, channel) => channel);
      return { order: left.slice().flatMap(() => left.splice(random.integer(left.length), 1)) };
    },
    (image, { order }) => permuteChannels(image, order),
  );
}
