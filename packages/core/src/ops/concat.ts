// Joining along an axis.
import { at, normaliseAxis, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkAxis } from "./support/shape-rules.ts";
import { slice } from "./slice.ts";

export interface ConcatAttrs {
  readonly axis: number;
}

export const concatOp: Op<ConcatAttrs> = /* @__PURE__ */ defineOp<ConcatAttrs>("concat", {
  infer(inputs, { axis }) {
    const first = present("concat", inputs[0]);
    checkAxis("concat", axis, first.shape.length);
    let length = 0;
    for (const { shape, dtype } of inputs) {
      if (dtype !== first.dtype)
        throw new DTypeError("concat", `operands are ${first.dtype} and ${dtype}`, "cast them to one dtype");
      if (
        shape.length !== first.shape.length ||
        shape.some((entry, index) => index !== axis && entry !== first.shape[index])
      )
        throw new ShapeError(
          "concat",
          `${showShape(first.shape)} and ${showShape(shape)} differ in an axis other than ${axis}`,
          "make all other axes equal",
        );
      length += at(shape, axis);
    }
    return { shape: first.shape.with(axis, length), dtype: first.dtype };
  },
  vjp({ dy, inputs, attrs, wanted }) {
    let offset = 0;
    return inputs.map((input, index) => {
      const start = input.shape.map((_, axis) => (axis === attrs.axis ? offset : 0));
      offset += at(input.shape, attrs.axis);
      return wanted[index] ? slice(dy, start, input.shape) : null;
    });
  },
});

/** The tensors one after the other along `axis`; all other axes equal. */
export function concat(tensors: readonly TensorLike[], axis: number): Tensor {
  const list = tensors.map((tensor) => asTensor(tensor, "concat"));
  const [only] = list;
  if (list.length === 1 && only) return only;
  return applyOne(concatOp, list, { axis: normaliseAxis("concat", axis, present("concat", only).rank) });
}
