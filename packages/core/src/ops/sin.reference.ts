// sin.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const sinReference: Reference = unary(Math.sin);
