// pow as C's: JavaScript differs where the base is 1 or -1.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const powReference: Reference = binary((a, b) =>
  a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b,
);
