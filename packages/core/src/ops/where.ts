// Choice by condition.
import { at, broadcastShapes } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { dtypes } from "../tensor/dtype.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyBinary, broadcastAval, checkDType, present, sumTo } from "./support/elementwise.ts";
import { zeros } from "./full.ts";

export const whereOp: Op = /* @__PURE__ */ defineOp("where", {
  infer([condition, a, b]) {
    const chosen = broadcastAval("where", present("where", a), present("where", b), dtypes);
    const test = present("where", condition);
    checkDType("where", test, ["bool"]);
    return { shape: broadcastShapes("where", test.shape, chosen.shape), dtype: chosen.dtype };
  },
  vjp({ dy, inputs, wanted }) {
    const condition = at(inputs, 0);
    const zero = zeros([]);
    return [
      null,
      wanted[1] ? sumTo(applyOne(whereOp, [condition, dy, zero], {}), at(inputs, 1).shape) : null,
      wanted[2] ? sumTo(applyOne(whereOp, [condition, zero, dy], {}), at(inputs, 2).shape) : null,
    ];
  },
});

/** `a` where `condition` (bool) holds, else `b`. All three broadcast; a and b have one dtype. */
export function where(condition: TensorLike, a: TensorLike | number, b: TensorLike | number): Tensor {
  return applyBinary(whereOp, a, b, [asTensor(condition, "where")]);
}
