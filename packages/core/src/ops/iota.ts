// Counting along an axis.
import { type Shape, normaliseAxis } from "../tensor/aval.ts";
import { applyOne } from "../tensor/dispatch.ts";
import { type DType, numbers } from "../tensor/dtype.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType } from "./support/elementwise.ts";
import { checkAxis, checkShape } from "./support/shape-rules.ts";

export interface IotaAttrs {
  readonly shape: Shape;
  readonly axis: number;
  readonly dtype: DType;
}

export const iotaOp: Op<IotaAttrs> = /* @__PURE__ */ defineOp<IotaAttrs>("iota", {
  infer(_, { shape, axis, dtype }) {
    checkDType("iota", { shape, dtype }, numbers);
    checkShape("iota", shape);
    checkAxis("iota", axis, shape.length);
    return { shape, dtype };
  },
  vjp: () => [],
});

/** A tensor in which every element is its own index along `axis`. */
export function iota(shape: Shape, axis: number, dtype: DType = "int32"): Tensor {
  return applyOne(iotaOp, [], { shape: [...shape], axis: normaliseAxis("iota", axis, shape.length), dtype });
}
