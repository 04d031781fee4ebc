// Exponentials and logarithms on four float32 at a time, to one or two units in the last place, with NaN and infinity as in C.
// Source: Cephes (Moshier).
import type { Push, VectorMath } from "./vector.ts";

// ln 2 in two parts: n times the first is exact.
export const ln2High = 0.693359375;
export const ln2Low = -2.1219444e-4;

/** Added to a float of at most 2^22 it leaves the nearest integer in the lowest bits, ties to even. */
export const roundingOffset: number = 1.5 * 2 ** 23;

/** 2^f - 1 over f, for |f| <= 1/2, such that the largest error of 2^f is least: 1.5 parts in 2^24. */
const powerSeries = [1.3264725e-3, 9.67151299e-3, 5.55073358e-2, 2.40222424e-1, 6.93147004e-1];

/**
 * e^x for x <= 0, in few operations, to three parts in 2^24 and x in 2^24: where x is a difference, its own rounding makes as much. What is below 2^-126 is
 * 0.
 */
export function expOfNegative(v: VectorMath, x: Push): Push {
  const bounded = v.keep(v.op("f32x4.pmax", x, v.float(-88)));
  // The lowest bits of this are n + 127, which are those of the exponent of 2^n.
  const offset = v.float(roundingOffset + 127);
  const shifted = v.keep(v.multiplyAdd(bounded, v.float(Math.LOG2E), offset));
  const fraction = v.keep(v.multiplyAdd(bounded, v.float(Math.LOG2E), v.keep(v.sub(offset, shifted))));
  return v.mul(v.polynomial(fraction, [...powerSeries, 1]), v.shift("i32x4.shl", shifted, 23));
}

export function log(v: VectorMath, x: Push): Push {
  const small = v.keep(v.op("f32x4.lt", x, v.float(1.17549435e-38)));
  const normal = v.keep(v.choose(small, v.mul(x, v.float(2 ** 23)), x));
  const shifted = v.choose(small, v.float(-126 - 23), v.float(-126));
  const biased = v.op("f32x4.convert_i32x4_s", v.shift("i32x4.shr_u", normal, 23));
  const mantissa = v.keep(v.op("v128.or", v.op("v128.and", normal, v.integer(0x007fffff)), v.float(0.5)));
  const below = v.keep(v.op("f32x4.lt", mantissa, v.float(Math.SQRT1_2)));
  const exponent = v.keep(v.sub(v.add(biased, shifted), v.op("v128.and", below, v.float(1))));
  const m = v.keep(v.add(v.sub(mantissa, v.float(1)), v.op("v128.and", below, mantissa)));
  const square = v.keep(v.mul(m, m));
  const p = v.polynomial(
    m,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  const tail = v.sub(v.add(v.mul(v.mul(p, m), square), v.mul(exponent, v.float(ln2Low))), v.mul(square, v.float(0.5)));
  const result = v.keep(v.add(v.add(m, tail), v.mul(exponent, v.float(ln2High))));
  const finite = v.keep(v.choose(v.op("f32x4.eq", x, v.float(Infinity)), x, result));
  const positive = v.keep(v.choose(v.op("f32x4.eq", x, v.float(0)), v.float(-Infinity), finite));
  return v.choose(v.op("f32x4.ge", x, v.float(0)), positive, v.float(NaN));
}
