// sub: integers wrap when they are stored.
import { binary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const subReference: Reference = binary((a, b) => a - b);
