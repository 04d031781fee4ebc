// Tensors of numbers that can be told apart, and the numbers of a tensor.
import { type Tensor, sizeOf, tensor } from "@stria/core";

/** from, from + step, from + 2 step, ... in row-major order. */
export function ramp(shape: readonly number[], from = 0, step = 1): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => from + index * step),
    { shape },
  );
}

/** What is in a tensor, in row-major order; nothing where there is none. */
export async function numbers(x: Tensor | undefined): Promise<number[]> {
  return [...((await x?.data()) ?? [])];
}
