// reshape: the same elements in the same order.
import { at } from "../tensor/aval.ts";
import type { Reference } from "../reference/reference.ts";

export const reshapeReference: Reference = (inputs) => [at(inputs, 0).slice()];
