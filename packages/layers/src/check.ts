// Checks of layer options, made where the layer is made.
import { AttributeError } from "@stria/core";

/** @throws AttributeError when a size is not a whole number >= 1. */
export function checkSizes(layer: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new AttributeError(layer, `${name} is ${size}`, "use a whole number >= 1");
}

/** @throws AttributeError when a probability is not from 0 to 1. */
export function checkProbability(layer: string, probability: number): void {
  if (!(probability >= 0 && probability <= 1))
    throw new AttributeError(layer, `probability ${probability} is not from 0 to 1`, "pass the share that is dropped");
}
