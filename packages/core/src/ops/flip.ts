// Reversal along axes.
import { normaliseAxes } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkAxes } from "./support/shape-rules.ts";

export interface FlipAttrs {
  readonly axes: readonly number[];
}

export const flipOp: Op<FlipAttrs> = /* @__PURE__ */ defineOp<FlipAttrs>("flip", {
  infer([x], { axes }) {
    const operand = present("flip", x);
    checkAxes("flip", axes, operand.shape.length);
    return operand;
  },
  vjp: ({ dy, attrs }) => [flip(dy, attrs.axes)],
});

/** `x` reversed along `axes`. */
export function flip(x: TensorLike, axes: number | readonly number[]): Tensor {
  const tensor = asTensor(x, "flip");
  const list = normaliseAxes("flip", axes, tensor.rank);
  return list.length === 0 ? tensor : applyOne(flipOp, [tensor], { axes: list });
}
