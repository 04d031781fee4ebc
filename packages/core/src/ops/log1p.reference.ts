// log1p.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const log1pReference: Reference = unary(Math.log1p);
