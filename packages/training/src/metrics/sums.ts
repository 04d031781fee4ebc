// Metrics whose contributions are sums: added up in float64, place by place.
import { at } from "@stria/core";
import type { Accumulator } from "./metric.ts";

/** Adds contributions of equal length up; `result` is given the sums, an empty array before the first. */
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
