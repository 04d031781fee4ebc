// Constants: a shape filled with one number.
import type { Shape } from "../tensor/aval.ts";
import { applyOne } from "../tensor/dispatch.ts";
import { type DType, dtypes, fromStored, isFloat, toStored } from "../tensor/dtype.ts";
import { AttributeError, DTypeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkNumber, checkShape, checkStorable } from "./support/shape-rules.ts";

export interface FullAttrs {
  readonly shape: Shape;
  readonly value: number;
  readonly dtype: DType;
}

const rangeOf: Readonly<Record<DType, readonly [number, number]>> = {
  float32: [-Infinity, Infinity],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  bool: [0, 1],
  float16: [-Infinity, Infinity],
};

export const fullOp: Op<FullAttrs> = /* @__PURE__ */ defineOp<FullAttrs>("full", {
  infer(_, { shape, value, dtype }) {
    if (!dtypes.includes(dtype))
      throw new DTypeError("full", `there is no dtype "${dtype}"`, `use ${dtypes.join(", ")}`);
    checkNumber("full", "value", value);
    const [least, most] = rangeOf[dtype];
    if (!isFloat(dtype) && !(Number.isInteger(value) && value >= least && value <= most))
      throw new AttributeError("full", `${value} is no ${dtype}`, `use a whole number from ${least} to ${most}`);
    checkStorable("full", value, dtype);
    return { shape: checkShape("full", shape), dtype };
  },
  vjp: () => [],
});

/** A tensor of `shape` in which every element is `value`; to float16 it is rounded. */
export function full(shape: Shape, value: number, dtype: DType = "float32"): Tensor {
  return applyOne(fullOp, [], { shape: [...shape], value: fromStored(dtype, toStored(dtype, value)), dtype });
}

/** Zeros. */
export function zeros(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/** Ones. */
export function ones(shape: Shape, dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}
