// Taking every stride-th element of a box.
import { at, showShape } from "../aval.ts";
import { type TensorLike, applyOne, asTensor } from "../dispatch.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { present } from "./support/elementwise.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { checkList } from "./support/shape-rules.ts";

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
  vjp: ({ dy, inputs, attrs }) => [unslice(dy, at(inputs, 0).shape, attrs)],
});

/** The transpose of slice: zeros everywhere but at the places that slice took. */
function unslice(dy: Tensor, shape: readonly number[], { start, stride }: SliceAttrs): Tensor {
  const spread = spreadOut(dy, stride);
  return pad(
    spread,
    shape.map((length, axis) => {
      const before = Math.min(at(start, axis), length); // what is empty may start anywhere
      return [before, length - before - at(spread.shape, axis)] as const;
    }),
  );
}

/** Puts `stride - 1` zeros between neighbours along every axis. */
function spreadOut(x: Tensor, stride: readonly number[]): Tensor {
  let spread = x;
  for (const [axis, step] of stride.entries()) {
    const length = at(spread.shape, axis);
    if (step === 1 || length <= 1) continue;
    const [before, after] = [spread.shape.slice(0, axis), spread.shape.slice(axis + 1)];
    const apart = pad(reshape(spread, [...before, length, 1, ...after]), [
      ...before.map(() => [0, 0] as const),
      [0, 0],
      [0, step - 1],
      ...after.map(() => [0, 0] as const),
    ]);
    const merged = reshape(apart, [...before, length * step, ...after]);
    const size = merged.shape.with(axis, (length - 1) * step + 1);
    spread = slice(
      merged,
      size.map(() => 0),
      size,
    );
  }
  return spread;
}

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
