// floor.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const floorReference: Reference = unary(Math.floor);
