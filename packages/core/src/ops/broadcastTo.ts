// Repetition along axes of length 1.
import { at, type Shape, broadcastShapes, sameShape, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present, sumTo } from "./support/elementwise.ts";
import type { ShapeAttrs } from "./reshape.ts";
import { checkShape } from "./support/shape-rules.ts";

export const broadcastToOp: Op<ShapeAttrs> = /* @__PURE__ */ defineOp<ShapeAttrs>("broadcastTo", {
  infer([x], { shape }) {
    const operand = present("broadcastTo", x);
    if (!sameShape(broadcastShapes("broadcastTo", operand.shape, checkShape("broadcastTo", shape)), shape))
      throw new ShapeError(
        "broadcastTo",
        `${showShape(operand.shape)} does not stretch to ${showShape(shape)}`,
        "only axes of length 1 stretch",
      );
    return { shape, dtype: operand.dtype };
  },
  vjp: ({ dy, inputs }) => [sumTo(dy, at(inputs, 0).shape)],
});

/** `x` repeated along axes of length 1, and along new leading axes, to fill `shape`. */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const tensor = asTensor(x, "broadcastTo");
  return sameShape(tensor.shape, shape) ? tensor : applyOne(broadcastToOp, [tensor], { shape: [...shape] });
}
