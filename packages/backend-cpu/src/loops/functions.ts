// Exponentials, logarithms and their kin on four float32 at a time, to one or two units in the last place, with NaN and infinity as in C.
// Sources: Cephes (Moshier) for exp, log, tanh, sin and cos; N. Juffa's erff.
import { floatBits, type Push, type VectorMath } from "./vector.ts";

const ln2 = Math.LN2;
// ln 2 in two parts: n times the first is exact.
const ln2High = 0.693359375;
const ln2Low = -2.1219444e-4;

/** Added to a float of at most 2^22 it leaves the nearest integer in the lowest bits, ties to even. */
const roundingOffset = 1.5 * 2 ** 23;

/** e^r - 1 - r over r squared, for |r| <= ln 2 / 2. */
const exponentSeries = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
];

/** x = n ln 2 + r with |r| <= ln 2 / 2: gives n as a float, 254 + n as an integer, and e^r - 1. x must be clamped. */
function exponentParts(v: VectorMath, x: Push): { n: Push; biased: Push; minusOne: Push } {
  const shifted = v.keep(v.add(v.mul(x, v.float(Math.LOG2E)), v.float(roundingOffset)));
  const n = v.keep(v.sub(shifted, v.float(roundingOffset)));
  const biased = v.keep(v.op("i32x4.sub", shifted, v.integer(floatBits(roundingOffset) - 254)));
  const r = v.keep(v.sub(v.sub(x, v.mul(n, v.float(ln2High))), v.mul(n, v.float(ln2Low))));
  const p = v.polynomial(r, exponentSeries);
  return { n, biased, minusOne: v.add(v.mul(p, v.mul(r, r)), r) };
}

/** value * 2^(biased - 254) in two steps, so that results from denormal to infinite come out right. */
function scale(v: VectorMath, value: Push, biased: Push): Push {
  const half = v.keep(v.shift("i32x4.shr_s", biased, 1));
  const power = (exponent: Push): Push => v.shift("i32x4.shl", exponent, 23);
  return v.mul(v.mul(value, power(half)), power(v.op("i32x4.sub", biased, half)));
}

/** Clamps, keeping NaN. */
function clamp(v: VectorMath, x: Push, low: number, high: number): Push {
  return v.keep(v.op("f32x4.pmin", v.op("f32x4.pmax", x, v.float(low)), v.float(high)));
}

export function exp(v: VectorMath, x: Push): Push {
  const { biased, minusOne } = exponentParts(v, clamp(v, x, -105, 90));
  return scale(v, v.add(minusOne, v.float(1)), biased);
}

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

export function expm1(v: VectorMath, x: Push): Push {
  const { n, biased, minusOne } = exponentParts(v, clamp(v, x, -30, 90));
  // 2^n (e^r - 1) + 2^n - 1, as 2^n ((e^r - 1) + (1 - 2^-n)), for 2^n alone may be infinite.
  const inverse = v.shift("i32x4.shl", v.op("i32x4.sub", v.integer(127 + 254), biased), 23);
  const inner = v.keep(v.choose(v.op("f32x4.lt", n, v.float(127)), v.sub(v.float(1), inverse), v.float(1)));
  const result = v.keep(scale(v, v.add(minusOne, inner), biased));
  // -0 stays -0, and tiny numbers stay themselves.
  return v.choose(v.op("f32x4.lt", v.op("f32x4.abs", x), v.float(1e-10)), x, result);
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

export function log1p(v: VectorMath, x: Push): Push {
  const u = v.keep(v.add(x, v.float(1)));
  // What rounding took from 1 + x is put back to first order.
  const correction = v.keep(v.div(v.sub(v.sub(u, v.float(1)), x), u));
  const result = v.keep(v.sub(log(v, u), correction));
  const keepsItself = v.op(
    "v128.or",
    v.op("f32x4.eq", x, v.float(Infinity)),
    v.op("f32x4.lt", v.op("f32x4.abs", x), v.float(1e-10)),
  );
  const above = v.keep(v.choose(keepsItself, x, result));
  return v.choose(v.op("f32x4.eq", x, v.float(-1)), v.float(-Infinity), above);
}

export function sigmoid(v: VectorMath, x: Push): Push {
  return v.div(v.float(1), v.add(v.float(1), exp(v, v.keep(v.op("f32x4.neg", x)))));
}

export function tanh(v: VectorMath, x: Push): Push {
  const magnitude = v.keep(v.op("f32x4.abs", x));
  const square = v.keep(v.mul(x, x));
  const p = v.polynomial(
    square,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const near = v.keep(v.add(v.mul(v.mul(p, square), x), x));
  const far = v.keep(
    v.sub(v.float(1), v.div(v.float(2), v.add(exp(v, v.keep(v.add(magnitude, magnitude))), v.float(1)))),
  );
  return v.choose(v.op("f32x4.lt", magnitude, v.float(0.625)), near, v.copySign(far, x));
}

export function erf(v: VectorMath, x: Push): Push {
  const t = clamp(v, v.keep(v.op("f32x4.abs", x)), 0, 4);
  const s = v.keep(v.mul(t, t));
  const high = v.add(v.mul(v.float(-1.7285347e-5), t), v.float(3.83197126e-4));
  const middle = v.add(v.mul(v.float(-3.88396438e-3), t), v.float(2.42546219e-2));
  const r = [-1.06777877e-1, -6.34846687e-1, -1.28717512e-1].reduce<Push>(
    (sum, c) => v.add(v.mul(sum, t), v.float(c)),
    v.add(v.mul(high, s), middle),
  );
  const exponent = v.keep(v.sub(v.mul(r, t), t));
  const far = v.keep(v.copySign(v.keep(v.sub(v.float(1), exp(v, exponent))), x));
  const p = v.polynomial(
    s,
    [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1],
  );
  const near = v.keep(v.add(v.mul(p, x), x));
  return v.choose(v.op("f32x4.gt", t, v.float(0.927734375)), far, near);
}

/** sin and cos: the argument is reduced in float64, the polynomials are float32. */
function sinusoid(v: VectorMath, x: Push, shift: 0 | 1): Push {
  const quadrantOf = (d: Push): Push => v.op("f64x2.nearest", v.op("f64x2.mul", d, v.double(2 / Math.PI)));
  const angle = v.keep(
    v.inDoubles([x], ([d = x]) => {
      const q = v.keep(quadrantOf(d));
      // pi / 2 in two parts.
      const first = v.op("f64x2.sub", d, v.op("f64x2.mul", q, v.double(1.5707963267341256)));
      return v.op("f64x2.sub", first, v.op("f64x2.mul", q, v.double(6.077100506506192e-11)));
    }),
  );
  const quarter = v.keep(
    v.inDoubles([x], ([d = x]) => {
      const q = v.keep(quadrantOf(d));
      return v.op(
        "f64x2.sub",
        q,
        v.op("f64x2.mul", v.op("f64x2.floor", v.op("f64x2.mul", q, v.double(0.25))), v.double(4)),
      );
    }),
  );
  const r = clamp(v, angle, -0.79, 0.79);
  const quadrant = v.keep(v.op("i32x4.add", v.op("i32x4.trunc_sat_f32x4_s", quarter), v.integer(shift)));
  const z = v.keep(v.mul(r, r));
  const sine = v.keep(
    v.add(v.mul(v.mul(v.polynomial(z, [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]), z), r), r),
  );
  const cosineTail = v.mul(
    v.mul(v.polynomial(z, [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]), z),
    z,
  );
  const cosine = v.keep(v.add(v.sub(cosineTail, v.mul(z, v.float(0.5))), v.float(1)));
  const odd = v.op("i32x4.ne", v.op("v128.and", quadrant, v.integer(1)), v.integer(0));
  const value = v.keep(v.choose(odd, cosine, sine));
  return v.op("v128.xor", value, v.shift("i32x4.shl", v.op("v128.and", quadrant, v.integer(2)), 30));
}

export function sin(v: VectorMath, x: Push): Push {
  return sinusoid(v, x, 0);
}

export function cos(v: VectorMath, x: Push): Push {
  return sinusoid(v, x, 1);
}

/** y log2 |x| in float64, then 2 to it; signs and special cases after. */
export function pow(v: VectorMath, x: Push, y: Push): Push {
  const magnitude = v.keep(
    v.inDoubles([v.keep(v.op("f32x4.abs", x)), y], ([d = x, power = y]) => {
      const bits = v.shift("i64x2.shr_u", d, 52);
      // The exponent field as a double: its bits under those of 2^52.
      const field = v.op("f64x2.sub", v.op("v128.or", bits, v.double(2 ** 52)), v.double(2 ** 52 + 1023));
      const mantissa = v.keep(
        v.op(
          "v128.or",
          v.op("v128.and", d, () => void v.f.v128([-1, 0xfffff, -1, 0xfffff])),
          v.double(1),
        ),
      );
      const above = v.keep(v.op("f64x2.gt", mantissa, v.double(Math.SQRT2)));
      const m = v.keep(v.choose(above, v.op("f64x2.mul", mantissa, v.double(0.5)), mantissa));
      const exponent = v.keep(v.op("f64x2.add", field, v.op("v128.and", above, v.double(1))));
      const s = v.keep(v.op("f64x2.div", v.op("f64x2.sub", m, v.double(1)), v.op("f64x2.add", m, v.double(1))));
      const s2 = v.keep(v.op("f64x2.mul", s, s));
      const series = v.polynomial64(
        s2,
        [1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1].map((c) => (c * 2) / ln2),
      );
      const logarithm = v.keep(v.op("f64x2.add", v.op("f64x2.mul", series, s), exponent));
      const zero = v.keep(v.choose(v.op("f64x2.eq", d, v.double(0)), v.double(-Infinity), logarithm));
      const infinite = v.keep(v.choose(v.op("f64x2.eq", d, v.double(Infinity)), d, zero));
      const log2 = v.keep(v.choose(v.op("f64x2.eq", d, d), infinite, d));
      const product = v.keep(v.op("f64x2.mul", power, log2));
      // Beyond these a float32 is 0 or infinite; float64 is far from either.
      const bounded = v.keep(v.op("f64x2.pmin", v.op("f64x2.pmax", product, v.double(-200)), v.double(200)));
      const n = v.keep(v.op("f64x2.nearest", bounded));
      const r = v.keep(v.op("f64x2.mul", v.op("f64x2.sub", bounded, n), v.double(ln2)));
      const e = v.polynomial64(r, [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1]);
      // 2^n from its bits: n + 1023 sits in the low bits of n + 1023 + 2^52.
      const power2 = v.shift("i64x2.shl", v.op("f64x2.add", n, v.double(2 ** 52 + 1023)), 52);
      return v.op("f64x2.mul", e, power2);
    }),
  );
  const isInteger = v.keep(v.op("f32x4.eq", v.op("f32x4.floor", y), y));
  const half = v.keep(v.mul(y, v.float(0.5)));
  const isOdd = v.op("v128.and", isInteger, v.op("f32x4.ne", v.op("f32x4.floor", half), half));
  const signed = v.keep(
    v.op("v128.xor", magnitude, v.op("v128.and", v.op("v128.and", x, v.integer(-0x80000000)), isOdd)),
  );
  const undefinedPower = v.op(
    "v128.andnot",
    v.op("v128.and", v.op("f32x4.lt", x, v.float(0)), v.op("f32x4.gt", x, v.float(-Infinity))),
    isInteger,
  );
  const defined = v.keep(v.choose(undefinedPower, v.float(NaN), signed));
  const isOne = v.op("v128.or", v.op("f32x4.eq", x, v.float(1)), v.op("f32x4.eq", y, v.float(0)));
  const minusOneToInfinity = v.op(
    "v128.and",
    v.op("f32x4.eq", x, v.float(-1)),
    v.op("f32x4.eq", v.op("f32x4.abs", y), v.float(Infinity)),
  );
  return v.choose(v.op("v128.or", isOne, minusOneToInfinity), v.float(1), defined);
}
