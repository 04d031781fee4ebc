// Taking every stride-th element of a box.
import { at, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkList } from "./support/shape-rules.ts";
import { unslice } from "./support/unslice.ts";

export interface SliceAttrs {
  readonly start: readonly number[];
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

export const sliceOp: Op<SliceAttrs> = /* @__PURE__ */ defineOp<SliceAttrs>("slice", {
  infer([x], { start, size, stride }) {
    const { shape, dtype } = present("slice", x);
    checkList("slice", "start", start, shape.length, 0);
    checkList("slice", "size", size, shape.length, 0);
    checkList("slice", "stride", stride, shape.length, 1);
    for (const [axis, count] of size.entries()) {
      const last = at(start, axis) + (count - 1) * at(stride, axis);
      if (count > 0 && last >= at(shape, axis))
        throw new AttributeError(
          "slice",
          `axis ${axis} would read element ${last} of ${showShape(shape)}`,
          "reduce start or size",
        );
    }
    return { shape: size, dtype };
  },
  vjp: ({ dy, inputs, attrs: { start, stride } }) => [unslice(dy, at(inputs, 0).shape, start, stride)],
});

/** Element k of an axis of the result is element `start + k * stride` of `x`; `size` is the result's shape. */
export function slice(
  x: TensorLike,
  start: readonly number[],
  size: readonly number[],
  stride: readonly number[] = start.map(() => 1),
): Tensor {
  const tensor = asTensor(x, "slice");
  const whole =
    size.length === tensor.rank &&
    size.every(
      (count, axis) => count === tensor.shape[axis] && start[axis] === 0 && (stride[axis] === 1 || count <= 1),
    );
  return whole ? tensor : applyOne(sliceOp, [tensor], { start: [...start], size: [...size], stride: [...stride] });
}
