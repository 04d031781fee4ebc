// softplus.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const softplusReference: Reference = unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
