// equal.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const equalReference: Reference = binary((a, b) => a === b);
