// Permutation of axes.
import { at, normaliseAxis, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkAxis } from "./support/shape-rules.ts";

export interface TransposeAttrs {
  readonly permutation: readonly number[];
}

export const transposeOp: Op<TransposeAttrs> = /* @__PURE__ */ defineOp<TransposeAttrs>("transpose", {
  infer([x], { permutation }) {
    const { shape, dtype } = present("transpose", x);
    for (const axis of permutation) checkAxis("transpose", axis, shape.length);
    if (permutation.length !== shape.length || new Set(permutation).size !== shape.length)
      throw new ShapeError(
        "transpose",
        `[${permutation.join(", ")}] is no permutation of the axes of ${showShape(shape)}`,
        "name every axis once",
      );
    return { shape: permutation.map((axis) => at(shape, axis)), dtype };
  },
  vjp: ({ dy, attrs }) => [transpose(dy, inverse(attrs.permutation))],
});

function inverse(permutation: readonly number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

/** Axis k of the result is axis `permutation[k]` of `x`. Without a permutation the axes are reversed. */
export function transpose(x: TensorLike, permutation?: readonly number[]): Tensor {
  const tensor = asTensor(x, "transpose");
  const order = (permutation ?? tensor.shape.map((_, axis) => tensor.rank - 1 - axis)).map((axis) =>
    normaliseAxis("transpose", axis, tensor.rank),
  );
  const unchanged = order.length === tensor.rank && order.every((axis, index) => axis === index);
  return unchanged ? tensor : applyOne(transposeOp, [tensor], { permutation: order });
}
