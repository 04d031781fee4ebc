// RandAugment (Cubuk et al. 2020) and TrivialAugment (Mueller & Hutter 2021): no policy, only chance.
import { AttributeError } from "@stria/core";
import type { Transform } from "../transform.ts";
import { operationsOf } from "./magnitudes.ts";
import {
  type Operations,
  type PolicyOptions,
  drawnOperation,
  oneOfList,
  operationsTransform,
} from "./policy-transform.ts";

export interface RandAugmentOptions extends PolicyOptions {
  /** How many operations, one after the other. Default 2. */
  readonly numOps?: number;
  /** How strong they are: a step of the scale, from 0. Default 9. */
  readonly magnitude?: number;
  /** How many steps the scale has. Default 31. */
  readonly numMagnitudeBins?: number;
}

/** @throws AttributeError for a number that is not whole, or below `least`. */
function checkWhole(name: string, what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new AttributeError(name, `${what} is ${value}`, `use a whole number from ${least}`);
}

/** `numOps` operations drawn evenly, all of the same strength (Cubuk et al. 2020). @throws AttributeError for an option out of range */
export function randAugment(options: RandAugmentOptions = {}): Transform<Operations> {
  const { numOps = 2, magnitude = 9, numMagnitudeBins = 31 } = options;
  checkWhole("randAugment", "numOps", numOps, 0);
  checkWhole("randAugment", "numMagnitudeBins", numMagnitudeBins, 2);
  if (!Number.isSafeInteger(magnitude) || magnitude < 0 || magnitude >= numMagnitudeBins)
    throw new AttributeError(
      "randAugment",
      `magnitude is ${magnitude}`,
      `use a whole number from 0 to ${numMagnitudeBins - 1}, or more bins`,
    );
  return operationsTransform(
    "randAugment",
    (random, canvas) =>
      Array.from({ length: numOps }, () =>
        drawnOperation(
          random,
          "randAugment",
          oneOfList(random, operationsOf.randAugment),
          magnitude,
          numMagnitudeBins,
          canvas,
        ),
      ),
    options,
  );
}

export interface TrivialAugmentOptions extends PolicyOptions {
  /** How many steps the scale has. Default 31. */
  readonly numMagnitudeBins?: number;
}

/** One operation drawn evenly, of a strength drawn evenly from a wide scale (Mueller & Hutter 2021). @throws AttributeError for an option out of range */
export function trivialAugment(options: TrivialAugmentOptions = {}): Transform<Operations> {
  const { numMagnitudeBins = 31 } = options;
  checkWhole("trivialAugment", "numMagnitudeBins", numMagnitudeBins, 2);
  return operationsTransform(
    "trivialAugment",
    (random, canvas) => {
      const name = oneOfList(random, operationsOf.trivialAugment);
      const bin = random.integer(numMagnitudeBins);
      return [drawnOperation(random, "trivialAugment", name, bin, numMagnitudeBins, canvas)];
    },
    options,
  );
}
