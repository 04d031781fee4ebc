// relu: Math.max lets NaN win.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const reluReference: Reference = unary((x) => Math.max(x, 0));
