// From feature maps to vectors.
import { type Tensor, flatten as flattenTensor } from "@stria/core";
import { Module, inLayer } from "./module.ts";

/** All axes after the batch's become one: [N, ...] -> [N, product]. */
export class Flatten extends Module {
  override forward(x: Tensor): Tensor {
    return inLayer(this, "Flatten", () => flattenTensor(x, 1));
  }
}

/** A {@link Flatten}. */
export function flatten(): Flatten {
  return new Flatten();
}
