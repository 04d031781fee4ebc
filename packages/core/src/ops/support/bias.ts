// The bias that convolutions add.
import { at, showShape } from "../../tensor/aval.ts";
import { type TensorLike, asTensor } from "../../tensor/dispatch.ts";
import { ShapeError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { add } from "../add.ts";
import { reshape } from "../reshape.ts";

/** Adds `bias` [C] to every place of [N, C, ...]. @throws ShapeError. */
export function addBias(op: string, y: Tensor, bias: TensorLike): Tensor {
  const b = asTensor(bias, op);
  if (b.rank !== 1 || b.size !== at(y.shape, 1))
    throw new ShapeError(
      op,
      `the bias is ${showShape(b.shape)}, the output has ${at(y.shape, 1)} channels`,
      "give one number for each output channel",
    );
  return add(y, reshape(b, [1, b.size, ...y.shape.slice(2).map(() => 1)]));
}
