// A dataset in parts that share no item.
import { AttributeError, permutationOf, type RandomKey, rootSeed, splitKey, streamKey } from "@stria/core";
import type { Dataset } from "../dataset.ts";
import { byClass, givenLabels } from "../labels.ts";
import { subset } from "./subset.ts";

export interface SplitOptions {
  /** Root of the choice. Default: the root seed (`setSeed`) when the split is made. */
  readonly seed?: number;
  /** Whether items are chosen at random. Default: true. `false` cuts the dataset's own order: for time series. */
  readonly shuffle?: boolean;
  /** Every class has the same share of each part, up to one item: `true` for the items' own labels, or the labels of all items. */
  readonly stratify?: boolean | ArrayLike<number>;
}

/**
 * `whole` items in shares as `shares` asks, as whole numbers that add up to `total`: each is the exact share or one more or less than its whole part (the
 * largest remainders are rounded up). No share is more than `limits` allows.
 */
function apportion(total: number, shares: readonly number[], limits: readonly number[]): number[] {
  const counts = shares.map((share, index) => Math.min(Math.floor(share + 1e-9), limits[index] ?? 0));
  const byRemainder = [...shares.keys()].toSorted(
    (a, b) => (shares[b] ?? 0) - (counts[b] ?? 0) - ((shares[a] ?? 0) - (counts[a] ?? 0)) || a - b,
  );
  let missing = total - counts.reduce((sum, count) => sum + count, 0);
  while (missing > 0)
    for (const index of byRemainder)
      if (missing > 0 && (counts[index] ?? 0) < (limits[index] ?? 0)) {
        counts[index] = (counts[index] ?? 0) + 1;
        missing--;
      }
  return counts;
}

/** How many items each part has. */
function sizesOf(parts: readonly number[], length: number): number[] {
  const sum = parts.reduce((total, part) => total + part, 0);
  const refuse = (fault: string): never => {
    throw new AttributeError(
      "split",
      `[${parts.join(", ")}] ${fault}`,
      "pass shares such as [0.9, 0.1], or how many items each part has",
    );
  };
  if (parts.length === 0 || !parts.every((part) => typeof part === "number" && part >= 0))
    refuse("are no parts of a dataset");
  if (parts.every(Number.isInteger)) {
    if (sum > length) refuse(`are more than the ${length} items`);
    return [...parts];
  }
  if (sum > 1 + 1e-9) refuse("are shares of more than the whole");
  const shares = parts.map((part) => part * length);
  return apportion(
    Math.min(length, Math.round(sum * length)),
    shares,
    parts.map(() => length),
  );
}

function shuffled(items: readonly number[], key: RandomKey): number[] {
  return Array.from(permutationOf(key, items.length), (place) => items[place] ?? -1);
}

/** Takes `sizes` items in turn, each time from every class in proportion to what is left of it. */
function stratified(groups: readonly (readonly number[])[], sizes: readonly number[], key?: RandomKey): number[][] {
  const rests = groups.map((group, index) => (key ? shuffled(group, splitKey(key, "class", index)) : [...group]));
  return sizes.map((size, part) => {
    const left = rests.reduce((sum, rest) => sum + rest.length, 0);
    const counts = apportion(
      size,
      rests.map((rest) => (size * rest.length) / Math.max(1, left)),
      rests.map((rest) => rest.length),
    );
    const chosen = rests.flatMap((rest, index) => rest.splice(0, counts[index]));
    return key ? shuffled(chosen, splitKey(key, "part", part)) : chosen.toSorted((a, b) => a - b);
  });
}

/**
 * Parts of a dataset that share no item: `const [train, valid] = split(dataset, [0.9, 0.1], { seed: 1 })`.
 *
 * Which items they have is decided now, by the seed; the items themselves are read when they are asked for. What the parts do not ask for is left out.
 * @param parts shares of the whole, at most 1 together, or whole numbers of items
 * @throws AttributeError for parts that are more than the whole, or labels that cannot be had
 */
export function split<Item, const Parts extends readonly number[]>(
  dataset: Dataset<Item>,
  parts: Parts,
  options?: SplitOptions,
): { readonly [Part in keyof Parts]: Dataset<Item> };
export function split<Item>(
  dataset: Dataset<Item>,
  parts: readonly number[],
  options: SplitOptions = {},
): readonly Dataset<Item>[] {
  const { seed, shuffle = true, stratify = false } = options;
  const sizes = sizesOf(parts, dataset.length);
  const key = shuffle ? streamKey(seed ?? rootSeed(), "split") : undefined;
  const all = Array.from({ length: dataset.length }, (_, index) => index);
  let pieces: number[][];
  if (stratify === false) {
    const order = key ? shuffled(all, key) : all;
    pieces = sizes.map((size) => order.splice(0, size));
  } else pieces = stratified(byClass(givenLabels("split", dataset, stratify)), sizes, key);
  return pieces.map((indices) => subset(dataset, indices));
}
