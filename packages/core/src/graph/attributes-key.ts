// Attributes as a text that is equal for equal attributes.
import type { AttrValue, Attrs } from "../op.ts";

function showValue(value: AttrValue): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value);
}

/** `axis=1 keepDims=true`: names sorted; 0 and -0 differ, NaN equals itself. */
export function attributesKey(attrs: Attrs): string {
  return Object.entries(attrs)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${showValue(value)}`)
    .join(" ");
}
