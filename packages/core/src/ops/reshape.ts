// Another shape for the same elements.
import { type Shape, at, sameShape, showShape, sizeOf, normaliseAxis } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkShape } from "./support/shape-rules.ts";

export interface ShapeAttrs {
  readonly shape: Shape;
}

export const reshapeOp: Op<ShapeAttrs> = /* @__PURE__ */ defineOp<ShapeAttrs>("reshape", {
  infer([x], { shape }) {
    const operand = present("reshape", x);
    checkShape("reshape", shape);
    if (sizeOf(shape) !== sizeOf(operand.shape))
      throw new ShapeError(
        "reshape",
        `${showShape(operand.shape)} has ${sizeOf(operand.shape)} elements, ${showShape(shape)} has ${sizeOf(shape)}`,
        "keep the number of elements; one length may be -1 and is worked out",
      );
    return { shape, dtype: operand.dtype };
  },
  vjp: ({ dy, inputs }) => [reshape(dy, at(inputs, 0).shape)],
});

/** The elements of `x`, in row-major order, under another shape. One length may be -1: what is left. */
export function reshape(x: TensorLike, shape: Shape): Tensor {
  const tensor = asTensor(x, "reshape");
  const free = shape.indexOf(-1);
  const known = shape.reduce((product, length, axis) => (axis === free ? product : product * length), 1);
  const full = free < 0 || known === 0 ? [...shape] : shape.with(free, tensor.size / known);
  return sameShape(full, tensor.shape) ? tensor : applyOne(reshapeOp, [tensor], { shape: full });
}

/** All axes from `start` on as one; a scalar becomes one element. @throws ShapeError where there is no such axis. */
export function flatten(x: TensorLike, start = 0): Tensor {
  const tensor = asTensor(x, "flatten");
  const from = normaliseAxis("flatten", start, Math.max(tensor.rank, 1));
  return reshape(tensor, [...tensor.shape.slice(0, from), sizeOf(tensor.shape.slice(from))]);
}
