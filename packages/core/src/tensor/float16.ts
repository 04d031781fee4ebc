// float16 (IEEE 754 binary16) as bits: what a host array of float16 holds. Node 20 and some browsers have no Float16Array.

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

function float32Bits(value: number): number {
  floats[0] = value;
  return bits[0] ?? 0;
}

/** `pattern` without its `count` lowest bits, rounded to the nearest, ties to even. */
export function dropBits(pattern: number, count: number): number {
  const kept = pattern >>> count;
  const rest = pattern & (2 ** count - 1);
  const half = 2 ** (count - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}

/** The number that the 16 bits of a float16 stand for; exact. */
export function float16FromBits(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >>> 10) & 31;
  const fraction = pattern & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The float16 nearest to a float32, ties to even; infinity from 65520 on. Other numbers are rounded to float32 first. */
export function float16ToBits(value: number): number {
  const pattern = float32Bits(value);
  const sign = (pattern >>> 16) & 0x8000;
  const magnitude = pattern & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | dropBits(magnitude - 0x38000000, 13);
  // Below 2^-14: multiples of 2^-24. The exponent says how many bits of the 24-bit significand lie below.
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign;
  return sign | dropBits((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}
