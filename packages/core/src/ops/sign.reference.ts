// sign: NaN stays NaN.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const signReference: Reference = unary(Math.sign);
