// Models and layers return a tensor, or a result that holds several.
import { type Tensor, isCell, isTensor } from "@stria/core";

/** The first tensor of what a layer returned, in the order of the fields. */
export function firstTensor(value: unknown): Tensor | undefined {
  if (isTensor(value)) return value;
  if (typeof value !== "object" || value === null || isCell(value)) return undefined;
  for (const item of Object.values(value)) {
    const found = firstTensor(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
