// logicalAnd, of 0 and 1.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const logicalAndReference: Reference = binary((a, b) => a === 1 && b === 1);
