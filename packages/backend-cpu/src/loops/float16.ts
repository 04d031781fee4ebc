// Casts between float32 and the bits of float16, by integer arithmetic on four lanes.
import type { Push, VectorMath } from "./vector.ts";

/**
 * The numbers that 16 bits stand for. What is below 2^-14 is a multiple of 2^-24; else the exponent moves from a bias of 15 to one of 127, and the
 * largest stays that of NaN and the infinities.
 */
export function fromFloat16(v: VectorMath, pattern: Push): Push {
  const a = v.keep(pattern);
  const magnitude = v.keep(v.op("v128.and", a, v.integer(0x7fff)));
  const sign = v.shift("i32x4.shl", v.op("v128.and", a, v.integer(0x8000)), 16);
  const rebias = v.integer(112 << 23);
  const notFinite = v.op("i32x4.gt_s", magnitude, v.integer(0x7bff));
  const normal = v.op(
    "i32x4.add",
    v.op("i32x4.add", v.shift("i32x4.shl", magnitude, 13), rebias),
    v.op("v128.and", notFinite, rebias),
  );
  const small = v.mul(v.op("f32x4.convert_i32x4_s", magnitude), v.float(2 ** -24));
  return v.op("v128.or", v.choose(v.op("i32x4.lt_s", magnitude, v.integer(0x400)), small, normal), sign);
}

/**
 * The bits of the nearest float16, ties to even. Adding half of what is dropped, less one, and the last bit that is kept carries exactly where it must,
 * also to infinity; below 2^-14 the number of multiples of 2^-24 is rounded.
 */
export function toFloat16(v: VectorMath, value: Push): Push {
  const a = v.keep(value);
  const magnitude = v.keep(v.op("v128.and", a, v.integer(0x7fffffff)));
  const sign = v.op("v128.and", v.shift("i32x4.shr_u", a, 16), v.integer(0x8000));
  const lastKept = v.op("v128.and", v.shift("i32x4.shr_u", magnitude, 13), v.integer(1));
  const rounded = v.op("i32x4.add", v.op("i32x4.add", magnitude, v.integer(0xfff - (112 << 23))), lastKept);
  const normal = v.shift("i32x4.shr_u", rounded, 13);
  const multiples = v.op("f32x4.nearest", v.mul(magnitude, v.float(2 ** 24)));
  const small = v.op("i32x4.trunc_sat_f32x4_s", multiples);
  const finite = v.choose(v.op("i32x4.lt_s", magnitude, v.integer(113 << 23)), small, normal);
  const isNaN = v.op("i32x4.gt_s", magnitude, v.integer(0x7f800000));
  const notFinite = v.choose(isNaN, v.integer(0x7e00), v.integer(0x7c00));
  const tooLarge = v.op("i32x4.gt_s", magnitude, v.integer(0x477fffff));
  return v.op("v128.or", v.choose(tooLarge, notFinite, finite), sign);
}
