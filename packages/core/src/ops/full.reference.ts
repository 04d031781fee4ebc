// full.
import { newOutput, numberAttribute } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const fullReference: Reference = (_, node) => [newOutput(node).fill(numberAttribute(node, "value"))];
