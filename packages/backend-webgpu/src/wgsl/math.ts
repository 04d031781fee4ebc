// Functions whose WGSL built-ins are too inexact, or undefined at the edges (infinities, NaN, large arguments). WGSL promises for log an
// absolute error only, which spoils log1p and pow near 1, and nothing useful for sin, cos and pow of large arguments.
// Polynomials: the Cephes library (Moshier, 1989); erf: the minimax polynomials of N. Juffa.

/** exp with its limits spelled out. */
export const exponential: string = `
  fn exponential(x : f32) -> f32 {
    if (isnan(x)) { return x; }
    if (x > 88.72283) { return uniforms.INFINITY; }
    if (x < -103.97208) { return 0.0; }
    return exp(x);
  }`;

/** exp(x) - 1, also where x is small. */
export const exponentialMinusOne: string = `${exponential}
  fn exponential_minus_one(x : f32) -> f32 {
    if (isnan(x) || x == 0.0) { return x; }
    if (abs(x) > 0.35) { return exponential(x) - 1.0; }
    var p = 1.9841270e-4;
    p = p * x + 1.3888889e-3;
    p = p * x + 8.3333333e-3;
    p = p * x + 4.1666667e-2;
    p = p * x + 1.6666667e-1;
    p = p * x + 0.5;
    return x + x * x * p;
  }`;

/** The natural logarithm of a positive, finite, normal number, given as 1 + f where f is exact near 0. */
const logarithmOfParts = `
  fn log_one_plus(f : f32, exponent : f32) -> f32 {
    let z = f * f;
    var y = 7.0376836292e-2;
    y = y * f - 1.1514610310e-1;
    y = y * f + 1.1676998740e-1;
    y = y * f - 1.2420140846e-1;
    y = y * f + 1.4249322787e-1;
    y = y * f - 1.6668057665e-1;
    y = y * f + 2.0000714765e-1;
    y = y * f - 2.4999993993e-1;
    y = y * f + 3.3333331174e-1;
    y = y * f * z;
    y = y - 2.12194440e-4 * exponent - 0.5 * z;
    return f + y + 0.693359375 * exponent;
  }`;

export const logarithm: string = `${logarithmOfParts}
  fn logarithm(x : f32) -> f32 {
    if (isnan(x)) { return x; }
    // By bits: comparisons and products may take subnormal numbers for 0.
    let bits_in = bitcast<u32>(x);
    if ((bits_in & 0x7fffffffu) == 0u) { return -uniforms.INFINITY; }
    if ((bits_in >> 31u) == 1u) { return uniforms.NAN; }
    if (isinf(x)) { return x; }
    let subnormal = bits_in < 0x00800000u;
    let scaled = select(x, f32(bits_in), subnormal);
    var exponent = select(0.0, -149.0, subnormal);
    let bits = bitcast<u32>(scaled);
    var mantissa = bitcast<f32>((bits & 0x007fffffu) | 0x3f000000u);
    exponent += f32(i32(bits >> 23u) - 126);
    if (mantissa < 0.70710678) { exponent -= 1.0; mantissa = mantissa + mantissa; }
    return log_one_plus(mantissa - 1.0, exponent);
  }`;

export const logarithmOfOnePlus: string = `${logarithm}
  fn logarithm_of_one_plus(x : f32) -> f32 {
    if (x > -0.2928932 && x < 0.4142135) { return select(log_one_plus(x, 0.0), x, x == 0.0); }
    return logarithm(1.0 + x);
  }`;

/** As in C: small integer powers by multiplication, others by logarithm, with the edge cases of the standard. */
export const power: string = `${exponential}${logarithm}
  fn power_by_squaring(base : f32, exponent : i32) -> f32 {
    var result = 1.0;
    var square = base;
    for (var rest = abs(exponent); rest > 0; rest = rest >> 1u) {
      if ((rest & 1) == 1) { result = result * square; }
      square = square * square;
    }
    return select(result, 1.0 / result, exponent < 0);
  }
  fn power(x : f32, y : f32) -> f32 {
    if (y == 0.0 || x == 1.0) { return 1.0; }
    if (isnan(x) || isnan(y)) { return uniforms.NAN; }
    let magnitude = abs(x);
    if (isinf(y)) {
      if (magnitude == 1.0) { return 1.0; }
      return select(0.0, uniforms.INFINITY, (magnitude > 1.0) == (y > 0.0));
    }
    let whole = floor(y) == y;
    // Beyond 2^24 every float is an even integer.
    let odd = whole && abs(y) < 16777216.0 && (i32(y) & 1) == 1;
    if (x == 0.0 || isinf(x)) {
      let large = (x == 0.0) == (y < 0.0);
      let value = select(0.0, uniforms.INFINITY, large);
      return select(value, -value, odd && (bitcast<u32>(x) >> 31u) == 1u);
    }
    if (x < 0.0 && !whole) { return uniforms.NAN; }
    if (y == 0.5) { return sqrt(x); }
    if (whole && abs(y) <= 64.0) {
      let product = power_by_squaring(magnitude, i32(y));
      // A negative power whose positive one overflows may still be a small number; the logarithm below finds it.
      if (product != 0.0 || y > 0.0) { return select(product, -product, odd && x < 0.0); }
    }
    let value = exponential(y * logarithm(magnitude));
    return select(value, -value, odd && x < 0.0);
  }`;

export const hyperbolicTangent: string = `${exponential}
  fn hyperbolic_tangent(x : f32) -> f32 {
    if (isnan(x)) { return x; }
    let t = abs(x);
    if (t < 0.625) {
      let z = x * x;
      var p = -5.70498872745e-3;
      p = p * z + 2.06390887954e-2;
      p = p * z - 5.37397155531e-2;
      p = p * z + 1.33314422036e-1;
      p = p * z - 3.33332819422e-1;
      return x + x * z * p;
    }
    let value = select(1.0 - 2.0 / (exponential(2.0 * t) + 1.0), 1.0, t > 10.0);
    return select(value, -value, x < 0.0);
  }`;

export const errorFunction: string = `${exponential}
  fn error_function(x : f32) -> f32 {
    if (isnan(x)) { return x; }
    let t = abs(x);
    let s = x * x;
    if (t > 0.927734375) {
      if (t > 4.0) { return select(1.0, -1.0, x < 0.0); }
      var r = -1.72853470e-5 * t + 3.83197126e-4;
      let u = -3.88396438e-3 * t + 2.42546219e-2;
      r = r * s + u;
      r = r * t - 1.06777877e-1;
      r = r * t - 6.34846687e-1;
      r = r * t - 1.28717512e-1;
      r = r * t - t;
      let value = 1.0 - exponential(r);
      return select(value, -value, x < 0.0);
    }
    var r = -5.96761703e-4;
    r = r * s + 4.99119423e-3;
    r = r * s - 2.67681349e-2;
    r = r * s + 1.12819925e-1;
    r = r * s - 3.76125336e-1;
    r = r * s + 1.28379166e-1;
    return r * x + x;
  }`;

/** Cody and Waite's reduction to an eighth of a turn; exact enough up to some thousand turns. Beyond, the built-ins are as good. */
const turn = `
  struct Turn { octant : i32, rest : f32 };
  fn reduce_turn(t : f32) -> Turn {
    var octant = i32(t * 1.27323954473516);
    octant = octant + (octant & 1);
    let y = f32(octant);
    return Turn(octant & 7, ((t - y * 0.78515625) - y * 2.4187564849853515625e-4) - y * 3.77489497744594108e-8);
  }
  fn sine_part(z : f32) -> f32 {
    let s = z * z;
    return ((-1.9515295891e-4 * s + 8.3321608736e-3) * s - 1.6666654611e-1) * s * z + z;
  }
  fn cosine_part(z : f32) -> f32 {
    let s = z * z;
    return ((2.443315711809948e-5 * s - 1.388731625493765e-3) * s + 4.166664568298827e-2) * s * s - 0.5 * s + 1.0;
  }`;

export const sine: string = `${turn}
  fn sine(x : f32) -> f32 {
    if (isnan(x) || isinf(x)) { return uniforms.NAN; }
    if (abs(x) > 30000.0) { return sin(x); }
    let turned = reduce_turn(abs(x));
    let swapped = turned.octant == 2 || turned.octant == 6;
    let value = select(sine_part(turned.rest), cosine_part(turned.rest), swapped);
    return select(value, -value, (turned.octant >= 4) != (x < 0.0));
  }`;

export const cosine: string = `${turn}
  fn cosine(x : f32) -> f32 {
    if (isnan(x) || isinf(x)) { return uniforms.NAN; }
    if (abs(x) > 30000.0) { return cos(x); }
    let turned = reduce_turn(abs(x));
    let swapped = turned.octant == 2 || turned.octant == 6;
    let value = select(cosine_part(turned.rest), sine_part(turned.rest), swapped);
    return select(value, -value, turned.octant == 2 || turned.octant == 4);
  }`;
