// logicalNot, of 0 and 1.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const logicalNotReference: Reference = unary((x) => 1 - x);
