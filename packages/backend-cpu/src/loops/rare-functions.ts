// Functions that few networks compute, on four float32 at a time, to one or two units in the last place, with NaN and infinity as in C.
// Sources: Cephes (Moshier) for exp, tanh, sin and cos; N. Juffa's erff.
import { expOfNegative, ln2High, ln2Low, log, roundingOffset } from "./functions.ts";
import type { Register } from "./expression.ts";
import { estrin, floatBits, type Push, type VectorMath } from "./vector.ts";

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

/** |a| with the sign of b. */
function copySign(v: VectorMath, a: Push, b: Push): Push {
  return v.choose(v.integer(-0x80000000), b, a);
}

export function sign(v: VectorMath, x: Push, register: Register): Push {
  if (register !== "float")
    return v.op("i32x4.sub", v.op("i32x4.lt_s", x, v.integer(0)), v.op("i32x4.gt_s", x, v.integer(0)));
  // Zeros and NaN stay what they are.
  const nonZero = v.op("v128.or", v.op("f32x4.lt", x, v.float(0)), v.op("f32x4.gt", x, v.float(0)));
  return v.choose(nonZero, copySign(v, v.float(1), x), x);
}

/** Clamps, keeping NaN. */
function clamp(v: VectorMath, x: Push, low: number, high: number): Push {
  return v.keep(v.op("f32x4.pmin", v.op("f32x4.pmax", x, v.float(low)), v.float(high)));
}

export function exp(v: VectorMath, x: Push): Push {
  const { biased, minusOne } = exponentParts(v, clamp(v, x, -105, 90));
  return scale(v, v.add(minusOne, v.float(1)), biased);
}

/** 1 / (1 + e^-x). Results below 2^-127 or so are 0: e^-x is infinite there. */
export function sigmoid(v: VectorMath, x: Push): Push {
  const { biased, minusOne } = exponentParts(v, clamp(v, v.keep(v.op("f32x4.neg", x)), -87, 89));
  const power = v.shift("i32x4.shl", v.op("i32x4.sub", biased, v.integer(127)), 23);
  return v.div(v.float(1), v.add(v.mul(v.add(minusOne, v.float(1)), power), v.float(1)));
}

/** Two equal float64. */
function double(v: VectorMath, value: number): Push {
  const [low = 0, high = 0] = new Int32Array(Float64Array.of(value).buffer);
  return () => void v.f.constant([low, high, low, high]);
}

/** A polynomial by Estrin's scheme in float64, highest coefficient first. */
function polynomial64(v: VectorMath, x: Push, coefficients: readonly number[]): Push {
  return estrin(
    x,
    coefficients.map((coefficient) => double(v, coefficient)),
    (a, b) => v.keep(v.op("f64x2.mul", a, b)),
    (a, b, c) => v.keep(v.op("f64x2.add", v.op("f64x2.mul", a, b), c)),
  );
}

/** Applies a function of two doubles at a time to four floats. */
function inDoubles(v: VectorMath, operands: readonly Push[], body: (operands: readonly Push[]) => Push): Push {
  const half = (high: boolean): Push =>
    body(
      operands.map((operand) =>
        v.keep(() => {
          operand();
          if (high) {
            operand();
            v.f.shuffle(2, 3, 2, 3);
          }
          v.f.op("f64x2.promote_low_f32x4");
        }),
      ),
    );
  const low = v.keep(v.op("f32x4.demote_f64x2_zero", half(false)));
  const high = v.keep(v.op("f32x4.demote_f64x2_zero", half(true)));
  return () => {
    low();
    high();
    v.f.shuffle(0, 1, 4, 5);
  };
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

export function tanh(v: VectorMath, x: Push): Push {
  const magnitude = v.keep(v.op("f32x4.abs", x));
  const square = v.keep(v.mul(x, x));
  const p = v.polynomial(
    square,
    [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1],
  );
  const near = v.keep(v.add(v.mul(v.mul(p, square), x), x));
  // 1 - 2e / (1 + e), e = exp(-2 |x|).
  const e = v.keep(expOfNegative(v, v.keep(v.mul(magnitude, v.float(-2)))));
  const far = v.keep(v.sub(v.float(1), v.div(v.add(e, e), v.add(e, v.float(1)))));
  // -0 stays -0: near 0 a sum has lost its sign.
  return copySign(v, v.choose(v.op("f32x4.lt", magnitude, v.float(0.625)), near, far), x);
}

export function erf(v: VectorMath, x: Push): Push {
  const t = clamp(v, v.keep(v.op("f32x4.abs", x)), 0, 4);
  const s = v.keep(v.mul(t, t));
  const high = v.add(v.mul(v.float(-1.7285347e-5), t), v.float(3.83197126e-4));
  const middle = v.add(v.mul(v.float(-3.88396438e-3), t), v.float(2.42546219e-2));
  const low = v.add(
    v.mul(v.float(-1.06777877e-1), s),
    v.keep(v.add(v.mul(v.float(-6.34846687e-1), t), v.float(-1.28717512e-1))),
  );
  const r = v.add(v.mul(v.keep(v.add(v.mul(high, s), middle)), v.keep(v.mul(s, t))), low);
  const exponent = v.keep(v.sub(v.mul(r, t), t));
  const far = v.keep(copySign(v, v.keep(v.sub(v.float(1), exp(v, exponent))), x));
  const p = v.polynomial(
    s,
    [-5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1],
  );
  const near = v.keep(v.add(v.mul(p, x), x));
  return v.choose(v.op("f32x4.gt", t, v.float(0.927734375)), far, near);
}

/** sin and cos: the argument is reduced in float64, the polynomials are float32. */
function sinusoid(v: VectorMath, x: Push, shift: 0 | 1): Push {
  const quadrantOf = (d: Push): Push => v.op("f64x2.nearest", v.op("f64x2.mul", d, double(v, 2 / Math.PI)));
  const angle = v.keep(
    inDoubles(v, [x], ([d = x]) => {
      const q = v.keep(quadrantOf(d));
      // pi / 2 in two parts.
      const first = v.op("f64x2.sub", d, v.op("f64x2.mul", q, double(v, 1.5707963267341256)));
      return v.op("f64x2.sub", first, v.op("f64x2.mul", q, double(v, 6.077100506506192e-11)));
    }),
  );
  const quarter = v.keep(
    inDoubles(v, [x], ([d = x]) => {
      const q = v.keep(quadrantOf(d));
      return v.op(
        "f64x2.sub",
        q,
        v.op("f64x2.mul", v.op("f64x2.floor", v.op("f64x2.mul", q, double(v, 0.25))), double(v, 4)),
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
  // -0 stays -0, and tiny numbers stay themselves.
  const result = v.keep(sinusoid(v, x, 0));
  return v.choose(v.op("f32x4.lt", v.op("f32x4.abs", x), v.float(1e-10)), x, result);
}

export function cos(v: VectorMath, x: Push): Push {
  return sinusoid(v, x, 1);
}

/** y log2 |x| in float64, then 2 to it; signs and special cases after. */
export function pow(v: VectorMath, x: Push, y: Push): Push {
  const magnitude = v.keep(
    inDoubles(v, [v.keep(v.op("f32x4.abs", x)), y], ([d = x, power = y]) => {
      const bits = v.shift("i64x2.shr_u", d, 52);
      // The exponent field as a double: its bits under those of 2^52.
      const field = v.op("f64x2.sub", v.op("v128.or", bits, double(v, 2 ** 52)), double(v, 2 ** 52 + 1023));
      const mantissa = v.keep(
        v.op(
          "v128.or",
          v.op("v128.and", d, () => void v.f.v128([-1, 0xfffff, -1, 0xfffff])),
          double(v, 1),
        ),
      );
      const above = v.keep(v.op("f64x2.gt", mantissa, double(v, Math.SQRT2)));
      const m = v.keep(v.choose(above, v.op("f64x2.mul", mantissa, double(v, 0.5)), mantissa));
      const exponent = v.keep(v.op("f64x2.add", field, v.op("v128.and", above, double(v, 1))));
      const s = v.keep(v.op("f64x2.div", v.op("f64x2.sub", m, double(v, 1)), v.op("f64x2.add", m, double(v, 1))));
      const s2 = v.keep(v.op("f64x2.mul", s, s));
      const series = polynomial64(
        v,
        s2,
        [1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1].map((c) => (c * 2) / Math.LN2),
      );
      const logarithm = v.keep(v.op("f64x2.add", v.op("f64x2.mul", series, s), exponent));
      const zero = v.keep(v.choose(v.op("f64x2.eq", d, double(v, 0)), double(v, -Infinity), logarithm));
      const infinite = v.keep(v.choose(v.op("f64x2.eq", d, double(v, Infinity)), d, zero));
      const log2 = v.keep(v.choose(v.op("f64x2.eq", d, d), infinite, d));
      const product = v.keep(v.op("f64x2.mul", power, log2));
      // Beyond these a float32 is 0 or infinite; float64 is far from either.
      const bounded = v.keep(v.op("f64x2.pmin", v.op("f64x2.pmax", product, double(v, -200)), double(v, 200)));
      const n = v.keep(v.op("f64x2.nearest", bounded));
      const r = v.keep(v.op("f64x2.mul", v.op("f64x2.sub", bounded, n), double(v, Math.LN2)));
      const e = polynomial64(v, r, [1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1]);
      // 2^n from its bits: n + 1023 sits in the low bits of n + 1023 + 2^52.
      const power2 = v.shift("i64x2.shl", v.op("f64x2.add", n, double(v, 2 ** 52 + 1023)), 52);
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
