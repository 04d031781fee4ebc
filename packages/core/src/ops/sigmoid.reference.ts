// sigmoid. Where exp overflows in float64, the result is far below the least float32.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const sigmoidReference: Reference = unary((x) => 1 / (1 + Math.exp(-x)));
