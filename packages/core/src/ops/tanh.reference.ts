// tanh.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const tanhReference: Reference = unary(Math.tanh);
