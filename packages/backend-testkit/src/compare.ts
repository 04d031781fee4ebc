// Where two arrays differ, in words.
import { type TypedArray, at, toNumbers } from "@stria/core";
import type { Tolerance } from "./cases/case.ts";

/** Undefined where `found` is `wanted` within the tolerance; 0 and -0 are equal, NaN equals NaN only. */
export function difference(
  found: TypedArray,
  wanted: TypedArray,
  { relative = 0, ofLargest = 0 }: Tolerance,
  slack = 1,
): string | undefined {
  if (found.constructor !== wanted.constructor || found.length !== wanted.length)
    return `${found.constructor.name}(${found.length}) instead of ${wanted.constructor.name}(${wanted.length})`;
  if (wanted instanceof Uint16Array) return difference(toNumbers("float16", found), toNumbers("float16", wanted), {});
  const rounded = wanted instanceof Float32Array; // integers are exact
  let largest = 1;
  for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (const [index, value] of wanted.entries()) {
    const other = at(found, index);
    if (other === value || (Number.isNaN(other) && Number.isNaN(value))) continue;
    if (!rounded || !(Math.abs(other - value) <= slack * (ofLargest * largest + relative * Math.abs(value))))
      return `element ${index} is ${other} instead of ${value}`;
  }
  return undefined;
}
