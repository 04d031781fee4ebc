// sqrt.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const sqrtReference: Reference = unary(Math.sqrt);
