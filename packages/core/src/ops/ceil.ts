// ceil, in terms of floor.
import type { TensorLike } from "../tensor/dispatch.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { floor } from "./floor.ts";
import { neg } from "./neg.ts";

/** The smallest whole number not below x. Its gradient is 0. */
export function ceil(x: TensorLike): Tensor {
  return neg(floor(neg(x)));
}
