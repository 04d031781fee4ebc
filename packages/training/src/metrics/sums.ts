// Metrics whose contributions are sums: added up in float64, place by place.
import { at } from "@stria/core";
import type { Accumulator } from "./metric.ts";

/**
 * The accumulator of a metric whose contributions add up: `result` is given the sums of all so far, an empty array before the first.
 * @example
 * const share: Metric = {
 *   measure: (outputs, { y }) => concat([outputs.mul(y).sum().reshape([1]), y.sum().reshape([1])], 0),
 *   start: (saved) => startSums(([hits = 0, all = 0]) => hits / all, saved),
 * };
 */
export function startSums<Result>(
  result: (sums: Float64Array) => Result,
  saved: Float64Array = new Float64Array(),
): Accumulator<Result> {
  let sums = saved.slice();
  return {
    add(contribution) {
      if (sums.length === 0) sums = new Float64Array(contribution.length);
      for (const [index, value] of contribution.entries()) sums[index] = at(sums, index) + value;
    },
    result: () => result(sums),
    save: () => sums.slice(),
  };
}

/** The mean of contributions [sum, count]. NaN over nothing. */
export function startMean(saved?: Float64Array): Accumulator<number> {
  return startSums(([total = 0, count = 0]) => total / count, saved);
}
