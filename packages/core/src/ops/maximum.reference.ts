// maximum: Math.max lets NaN win.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const maximumReference: Reference = binary(Math.max);
