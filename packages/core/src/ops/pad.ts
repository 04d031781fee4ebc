// Padding with a constant.
import { at } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { fromStored, toStored } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";
import { checkNumber, checkStorable } from "./support/shape-rules.ts";
import { slice } from "./slice.ts";

/** Elements before and after, for each axis. */
export type Padding = readonly (readonly [number, number])[];

export interface PadAttrs {
  readonly padding: Padding;
  readonly value: number;
}

export const padOp: Op<PadAttrs> = /* @__PURE__ */ defineOp<PadAttrs>("pad", {
  infer([x], { padding, value }) {
    const { shape, dtype } = present("pad", x);
    if (padding.length !== shape.length)
      throw new AttributeError(
        "pad",
        `padding has ${padding.length} pairs for ${shape.length} axes`,
        "give [before, after] for every axis",
      );
    for (const [before, after] of padding)
      if (!Number.isInteger(before) || !Number.isInteger(after) || before < 0 || after < 0)
        throw new AttributeError(
          "pad",
          `padding [${before}, ${after}] is not two whole numbers >= 0`,
          "use slice to take elements away",
        );
    checkNumber("pad", "value", value);
    checkStorable("pad", value, dtype);
    return { shape: shape.map((length, axis) => length + at(padding, axis)[0] + at(padding, axis)[1]), dtype };
  },
  vjp({ dy, inputs, attrs }) {
    return [
      slice(
        dy,
        attrs.padding.map(([before]) => before),
        at(inputs, 0).shape,
      ),
    ];
  },
});

/** `x` with `value` before and after along every axis. */
export function pad(x: TensorLike, padding: Padding, value = 0): Tensor {
  const tensor = asTensor(x, "pad");
  return padding.length === tensor.rank && padding.every(([before, after]) => before === 0 && after === 0)
    ? tensor
    : applyOne(padOp, [tensor], { padding, value: fromStored(tensor.dtype, toStored(tensor.dtype, value)) });
}
