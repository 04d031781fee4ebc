// expm1.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const expm1Reference: Reference = unary(Math.expm1);
