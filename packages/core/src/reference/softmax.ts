// The logarithm of softmax along lanes, in float64: what softmax, its logarithm and cross-entropy share.
import { type Shape, at } from "../tensor/aval.ts";
import type { TypedArray } from "../tensor/dtype.ts";
import { lanes } from "./offsets.ts";

/** Calls `visit` with each lane of `x` along `axis`: its number, where its elements lie, and their log-softmax. */
export function eachLogSoftmax(
  x: TypedArray,
  shape: Shape,
  axis: number,
  visit: (lane: number, where: readonly number[], logs: readonly number[]) => void,
): void {
  const { starts, steps } = lanes(shape, [axis]);
  for (const [lane, start] of starts.entries()) {
    const where = Array.from(steps, (step) => start + step);
    const values = where.map((place) => at(x, place));
    const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const logOfSum = Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    visit(
      lane,
      where,
      values.map((value) => value - largest - logOfSum),
    );
  }
}
