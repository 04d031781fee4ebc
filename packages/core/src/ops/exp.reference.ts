// exp.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const expReference: Reference = unary(Math.exp);
