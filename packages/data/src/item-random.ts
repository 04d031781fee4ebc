// Random numbers for one item in one epoch, whatever is drawn for others, and in whatever order.
import {
  AttributeError,
  at,
  boundedInteger,
  fillNormal,
  fillUniform,
  type RandomKey,
  splitKey,
  streamKey,
  type StreamName,
} from "@stria/core";

/** A stream of random numbers that is drawn from one number after the other. Two with the same key give the same numbers. */
export class ItemRandom {
  /** For what takes a key: `fillUniform(random.key, 0, array)`. Numbers filled from it are those that the methods draw; take a `split` for others. */
  readonly key: RandomKey;
  readonly #drawn = new Float32Array(2);
  #next = 0;

  constructor(key: RandomKey) {
    this.key = key;
  }

  /** Uniform from `low` up to, not including, `high`. */
  uniform(low = 0, high = 1): number {
    fillUniform(this.key, this.#next++, this.#drawn.subarray(0, 1));
    return low + (high - low) * at(this.#drawn, 0);
  }

  /** A normal number. */
  normal(mean = 0, standardDeviation = 1): number {
    this.#next += this.#next % 2; // a normal number is made of a pair
    fillNormal(this.key, this.#next, this.#drawn);
    this.#next += 2;
    return mean + standardDeviation * at(this.#drawn, 0);
  }

  /** A whole number from 0 to `bound` - 1, each exactly as likely. */
  integer(bound: number): number {
    return boundedInteger(this.key, this.#next++, bound);
  }

  /** True with the probability. @throws AttributeError when that is not from 0 to 1 */
  chance(probability: number): boolean {
    if (!(probability >= 0 && probability <= 1))
      throw new AttributeError("chance", `probability ${probability} is not from 0 to 1`, "pass the share of true");
    return this.uniform() < probability;
  }

  /** A stream of its own below this one, so that one part's draws do not depend on how many another part made. */
  split(...names: readonly StreamName[]): ItemRandom {
    return new ItemRandom(splitKey(this.key, ...names));
  }
}

/** The key of the transforms of an epoch. */
export function transformKey(seed: number, epoch: number): RandomKey {
  return streamKey(seed, "transform", epoch);
}

/** The stream of an item, the how-manieth time it comes in the epoch. */
export function randomOf(key: RandomKey, index: number, occurrence: number): ItemRandom {
  const own = splitKey(key, index);
  return new ItemRandom(occurrence === 0 ? own : splitKey(own, occurrence));
}

/** Which item of which epoch, as a loader counts them. */
export interface ItemPlace {
  readonly epoch: number;
  readonly index: number;
  /** Where a sampler repeats items: the how-manieth time of the epoch it is. Default 0. */
  readonly occurrence?: number;
}

/** The random numbers that a loader with that seed gives to the transform of an item. */
export function itemRandom(seed: number, { epoch, index, occurrence = 0 }: ItemPlace): ItemRandom {
  return randomOf(transformKey(seed, epoch), index, occurrence);
}
