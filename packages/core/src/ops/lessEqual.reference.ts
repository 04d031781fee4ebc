// lessEqual.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const lessEqualReference: Reference = binary((a, b) => a <= b);
