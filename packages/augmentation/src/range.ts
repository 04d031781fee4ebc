// Numbers that are drawn from a range.
import { AttributeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";

/** The least and the largest. */
export type Range = readonly [low: number, high: number];

/** A number a stands for the range from -a to a. @throws AttributeError for ends that are not finite, or in the wrong order */
export function symmetricRange(name: string, what: string, value: number | Range): Range {
  const range: Range = typeof value === "number" ? [-value, value] : value;
  return checkedRange(name, what, range);
}

/** A number a stands for the range from 1 - a, at least 0, to 1 + a. @throws AttributeError for ends below 0, not finite, or in the wrong order */
export function factorRange(name: string, what: string, value: number | Range): Range {
  if (typeof value === "number" && !(value >= 0))
    throw new AttributeError(name, `${what} is ${value}`, "use a number from 0, or a range");
  const range: Range = typeof value === "number" ? [Math.max(0, 1 - value), 1 + value] : value;
  return checkedRange(name, what, range, 0);
}

/** A range, or one number that is both ends. @throws AttributeError for ends that are not finite, below `least`, above `most`, or in the wrong order */
export function checkedRange(
  name: string,
  what: string,
  value: number | Range,
  least: number = -Infinity,
  most: number = Infinity,
): Range {
  const [low, high]: Range = typeof value === "number" ? [value, value] : value;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high && low >= least && high <= most))
    throw new AttributeError(
      name,
      `${what} is ${typeof value === "number" ? value : `[${low}, ${high}]`}`,
      `use finite numbers${least > -Infinity ? ` from ${least}` : ""}${most < Infinity ? ` to ${most}` : ""}, the smaller one first`,
    );
  return [low, high];
}

/** A number of a range. */
export function drawn(random: ItemRandom, [low, high]: Range): number {
  return low === high ? low : random.uniform(low, high);
}

/** A whole number of a range of whole numbers, both ends included. */
export function drawnWhole(random: ItemRandom, [low, high]: Range): number {
  return low + random.integer(high - low + 1);
}

/** A range of whole numbers. @throws AttributeError for ends that are not whole */
export function wholeRange(name: string, what: string, value: number | Range, least: number): Range {
  const range = checkedRange(name, what, value, least);
  if (range.every(Number.isSafeInteger)) return range;
  throw new AttributeError(name, `${what} is [${range.join(", ")}]`, "use whole numbers");
}

/** @throws AttributeError for what is no probability. */
export function checkProbability(name: string, probability: number): void {
  if (!(probability >= 0 && probability <= 1))
    throw new AttributeError(name, `probability is ${probability}`, "use a number from 0 to 1");
}
