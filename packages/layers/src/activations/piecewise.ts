// Activations of straight and parabolic pieces, shrinkage and gates.
import {
  AttributeError,
  type Tensor,
  abs,
  add,
  at,
  div,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mul,
  sigmoid,
  sub,
  tanh,
  where,
} from "@stria/core";
import { axisFromZero, take } from "../axes.ts";
import { clamp } from "../clamp.ts";

/** x relu6(x + 3) / 6 (Howard et al. 2019). */
export function hardSwish(x: Tensor): Tensor {
  const between = mul(x, div(add(x, 3), 6));
  return where(lessEqual(x, -3), 0, where(greaterEqual(x, 3), x, between));
}

/** relu6(x + 3) / 6. */
export function hardSigmoid(x: Tensor): Tensor {
  return div(clamp(add(x, 3), 0, 6), 6);
}

/** x between `low` and `high`, at the bounds the bounds. */
export function hardTanh(x: Tensor, low = -1, high = 1): Tensor {
  return clamp(x, low, high);
}

/** x above the threshold, else `value`. */
export function threshold(x: Tensor, limit: number, value: number): Tensor {
  return where(lessEqual(x, limit), value, x);
}

/** x moved towards 0 by `width`, and 0 where it would cross it. */
export function softshrink(x: Tensor, width = 0.5): Tensor {
  return where(greater(x, width), sub(x, width), where(less(x, -width), add(x, width), mul(x, 0)));
}

/** x where |x| is above `width`, else 0. */
export function hardshrink(x: Tensor, width = 0.5): Tensor {
  return where(lessEqual(abs(x), width), 0, x);
}

/** x - tanh(x). */
export function tanhshrink(x: Tensor): Tensor {
  return sub(x, tanh(x));
}

/** The first half along `axis` times the sigmoid of the second (Dauphin et al. 2016). @throws AttributeError for an axis of odd length. */
export function glu(x: Tensor, axis = -1): Tensor {
  const along = axisFromZero("glu", axis, x.rank);
  const length = at(x.shape, along);
  if (length % 2 !== 0)
    throw new AttributeError("glu", `axis ${axis} has ${length} elements`, "make it even: values, then gates");
  const half = length / 2;
  return mul(take(x, along, 0, half), sigmoid(take(x, along, half, half)));
}
