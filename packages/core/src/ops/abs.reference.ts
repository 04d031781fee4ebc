// abs, as JavaScript has it; the least int32 stays what it is.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const absReference: Reference = unary(Math.abs);
