// neg.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const negReference: Reference = unary((x) => -x);
