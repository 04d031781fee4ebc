// cos.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const cosReference: Reference = unary(Math.cos);
