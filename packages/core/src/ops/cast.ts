// Conversion between dtypes.
import { at } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { type DType, dtypes, isFloat } from "../tensor/dtype.ts";
import { DTypeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { present } from "./support/elementwise.ts";

export interface CastAttrs {
  readonly dtype: DType;
}

export const castOp: Op<CastAttrs> = /* @__PURE__ */ defineOp<CastAttrs>("cast", {
  infer([x], { dtype }) {
    if (!dtypes.includes(dtype))
      throw new DTypeError("cast", `there is no dtype "${dtype as string}"`, `use ${dtypes.join(", ")}`);
    return { shape: present("cast", x).shape, dtype };
  },
  vjp: ({ dy, inputs }) => [isFloat(at(inputs, 0).dtype) ? dy : null],
});

/** `x` as `dtype`. Floats are truncated towards zero to integers; float16 is the nearest, ties to even; to bool, everything but 0 is true. */
export function cast(x: TensorLike, dtype: DType): Tensor {
  const tensor = asTensor(x, "cast");
  return tensor.dtype === dtype ? tensor : applyOne(castOp, [tensor], { dtype });
}
