// log.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const logReference: Reference = unary(Math.log);
