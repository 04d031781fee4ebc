// Which items an epoch has: drawn by weight, or every class as often.
import { AttributeError, at, fillBits, permutationOf, type RandomKey, splitKey } from "@stria/core";
import type { Dataset } from "./dataset.ts";
import { byClass, givenLabels } from "./labels.ts";

/** Chooses the items of each epoch. */
export interface Sampler {
  /** Items in an epoch. */
  readonly length: number;
  /** The indices of an epoch's items, in their order. A function of the key alone; each epoch has a key of its own. */
  draw(key: RandomKey): ArrayLike<number>;
}

/** What an index can count. */
function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 1 && count < 2 ** 31;
}

export interface WeightedOptions {
  /** Items in an epoch. Default: as many as there are weights. */
  readonly count?: number;
  /** Whether an item may come more than once in an epoch. Default: true. */
  readonly replacement?: boolean;
}

/** Uniform in (0, 1), of 53 bits: with the 24 of float32, one of millions of weights could not be met. */
function* fractions(key: RandomKey): Generator<number, never> {
  const words = new Uint32Array(1024);
  for (let offset = 0; ; offset += words.length) {
    fillBits(key, offset, words);
    for (let i = 0; i < words.length; i += 2)
      yield ((at(words, i) >>> 5) * 2 ** 26 + (at(words, i + 1) >>> 6) + 0.5) * 2 ** -53;
  }
}

function next(numbers: Generator<number, never>): number {
  return numbers.next().value;
}

/** The first place of the ascending `sums` that is above `value`. */
function placeAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(sums, middle) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Items drawn with the probabilities `weights / sum`.
 *
 * Without replacement, item after item is drawn from what is left (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006); items of
 * weight 0 never come.
 * @throws AttributeError for a weight that is negative or not finite, for weights that are all 0, and without replacement for a count above the number of
 * weights that are not 0
 */
export function weightedSampler(weights: ArrayLike<number>, options: WeightedOptions = {}): Sampler {
  const { count = weights.length, replacement = true } = options;
  const kept = Float64Array.from(weights);
  const wrong = kept.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (wrong >= 0)
    throw new AttributeError("weightedSampler", `weights[${wrong}] is ${kept[wrong]}`, "use numbers from 0");
  let sum = 0;
  const sums = kept.map((weight) => (sum += weight));
  const possible = kept.reduce((total, weight) => total + Number(weight > 0), 0);
  if (possible === 0) throw new AttributeError("weightedSampler", "no weight is above 0", "give some item a weight");
  if (!isCount(count) || (!replacement && count > possible))
    throw new AttributeError(
      "weightedSampler",
      `count ${count} is not a whole number from 1${replacement ? "" : ` to ${possible}, the items of a weight above 0`}`,
      "pass how many items an epoch has, or draw with replacement",
    );
  return {
    length: count,
    draw(key) {
      const numbers = fractions(key);
      if (replacement) return Uint32Array.from({ length: count }, () => placeAbove(sums, next(numbers) * sum));
      const keys = kept.map((weight) => -Math.log(next(numbers)) / weight); // of weight 0: infinite
      const order = Uint32Array.from(kept.keys()).toSorted((a, b) => at(keys, a) - at(keys, b) || a - b);
      return order.subarray(0, count);
    },
  };
}

export interface BalancedOptions {
  /** Items in an epoch. Default: as many as the dataset has. */
  readonly count?: number;
  /** The class of each item. Default: what the dataset says, else the field of its items that is a class label, else `y`. */
  readonly labels?: ArrayLike<number>;
}

/**
 * Every class as often in an epoch, up to one item, in random order. Of a class, no item comes again before all have come; items of small classes repeat,
 * items of large ones take turns from epoch to epoch by chance.
 * @throws AttributeError when the dataset is empty, its labels cannot be had, or `count` is no whole number from 1
 */
export function balancedSampler(dataset: Dataset<unknown>, options: BalancedOptions = {}): Sampler {
  const { count = dataset.length, labels = true } = options;
  const groups = byClass(givenLabels("balancedSampler", dataset, labels));
  if (groups.length === 0 || !isCount(count))
    throw new AttributeError(
      "balancedSampler",
      groups.length === 0 ? "the dataset is empty" : `count ${count} is not a whole number from 1`,
      "pass a dataset with items, and how many of them an epoch has",
    );
  return {
    length: count,
    draw(key) {
      // Which classes have one item more, where the count does not divide, is drawn too.
      const ranks = permutationOf(splitKey(key, "ranks"), groups.length);
      const drawn = groups.flatMap((group, index) => {
        const most = Math.floor((count + at(ranks, index)) / groups.length);
        const rounds = Math.ceil(most / group.length);
        return Array.from({ length: rounds }, (_, round) =>
          Array.from(permutationOf(splitKey(key, "class", index, round), group.length), (place) => at(group, place)),
        )
          .flat()
          .slice(0, most);
      });
      return Array.from(permutationOf(splitKey(key, "order"), drawn.length), (place) => at(drawn, place));
    },
  };
}
