// minimum: Math.min lets NaN win.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const minimumReference: Reference = binary(Math.min);
