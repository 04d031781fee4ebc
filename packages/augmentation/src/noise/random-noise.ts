// Noise at random: the parameters name the stream of random numbers, the function fills it.
import { type RandomKey, fillNormal, fillUniform, splitKey } from "@stria/core";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn } from "../range.ts";
import type { Transform } from "../transform.ts";
import { addNoise, saltAndPepper } from "./noise.ts";

export interface GaussianNoiseOptions extends Chance {
  /** Of an image from 0 to 1. Default 0. */
  readonly mean?: number;
  /** Standard deviations, of an image from 0 to 1. Default 0.1. */
  readonly sigma?: number | Range;
  /** Whether floats are cut to what is from 0 to 1. Default true. */
  readonly clip?: boolean;
}

export interface NoiseParameters {
  readonly noise: RandomKey;
  /** A standard deviation, or a share of pixels. */
  readonly strength: number;
}

/** Normal noise added to each value. The probability is 1. @throws AttributeError for an option out of range */
export function gaussianNoise(options: GaussianNoiseOptions = {}): Transform<NoiseParameters | null> {
  const { mean = 0, sigma = 0.1, clip = true, probability = 1 } = options;
  const range = checkedRange("gaussianNoise", "sigma", sigma, 0);
  checkedRange("gaussianNoise", "mean", mean);
  return photometric(
    "gaussianNoise",
    probability,
    (random) => ({ noise: splitKey(random.key, "noise"), strength: drawn(random, range) }),
    (image, { noise, strength }) => {
      const values = new Float32Array(image.values.length);
      fillNormal(noise, 0, values);
      return addNoise(image, values, { mean, sigma: strength, clip });
    },
  );
}

export interface SaltAndPepperOptions extends Chance {
  /** The share of pixels that are black or white, from 0 to 1. Default 0.05. */
  readonly amount?: number | Range;
}

/** Pixels that are black or white. The probability is 1. @throws AttributeError for an option out of range */
export function saltAndPepperNoise(options: SaltAndPepperOptions = {}): Transform<NoiseParameters | null> {
  const { amount = 0.05, probability = 1 } = options;
  const range = checkedRange("saltAndPepperNoise", "amount", amount, 0, 1);
  return photometric(
    "saltAndPepperNoise",
    probability,
    (random) => ({ noise: splitKey(random.key, "noise"), strength: drawn(random, range) }),
    (image, { noise, strength }) => {
      const values = new Float32Array(image.values.length / image.shape[0]);
      fillUniform(noise, 0, values);
      return saltAndPepper(image, values, strength);
    },
  );
}
