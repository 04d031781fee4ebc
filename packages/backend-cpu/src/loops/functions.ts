// Exponentials and logarithms on four float32 at a time, to one or two units in the last place, with NaN and infinity as in C.
// Source: Cephes (Moshier).
import type { Push, VectorMath } from "./vector.ts";

// ln 2 in two parts: n times the first is exact.
export const ln2High = 0.693359375;
export const ln2Low = -2.1219444e-4;

/** Added to a float of at most 2^22 it leaves the nearest integer in the lowest bits, ties to even. */
export const roundingOffset: number = 1.5 * 2 ** 23;

/** e^r - 1 - r over r squared, for |r| <= ln 2 / 2. */
export const exponentSeries: readonly number[] = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];

/** e^x for x <= 0, in fewer operations; what is below 2^-126 is 0. */
export function expOfNegative(v: VectorMath, x: Push): Push {
  const bounded = v.keep(v.op("f32x4.pmax", x, v.float(-88)));
  // The lowest bits of this are n + 127, which are those of the exponent of 2^n.
  const offset = roundingOffset + 127;
  const shifted = v.keep(v.multiplyAdd(bounded, v.float(Math.LOG2E), v.float(offset)));
  const n = v.keep(v.sub(shifted, v.float(offset)));
  const r = v.keep(v.multiplyAdd(n, v.float(-ln2Low), v.keep(v.multiplyAdd(n, v.float(-ln2High), bounded))));
  const minusOne = v.multiplyAdd(v.polynomial(r, exponentSeries), v.mul(r, r), r);
  return v.mul(v.add(minusOne, v.float(1)), v.shift("i32x4.shl", shifted, 23));
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
