// div: a float64 quotient of float32 rounds to the right float32.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const divReference: Reference = binary((a, b) => a / b);
