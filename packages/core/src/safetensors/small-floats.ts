// bfloat16 and float8 as bits.
import { dropBits } from "../tensor/float16.ts";

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

function float32Bits(value: number): number {
  floats[0] = value;
  return bits[0] ?? 0;
}

function float32FromBits(pattern: number): number {
  bits[0] = pattern;
  return floats[0] ?? 0;
}

/** The number that the 16 bits of a bfloat16 stand for; exact. */
export function bfloat16FromBits(pattern: number): number {
  return float32FromBits(pattern << 16);
}

/** The bfloat16 nearest to a float32, ties to even. */
export function bfloat16ToBits(value: number): number {
  const pattern = float32Bits(value);
  return (pattern & 0x7fffffff) > 0x7f800000 ? 0x7fc0 | (pattern >>> 16) : dropBits(pattern, 16);
}

/** The number that the 8 bits of a float8 E4M3 (OCP 8-bit floating point, 2023: no infinities) stand for; exact. */
export function float8FromBits(pattern: number): number {
  const sign = pattern & 0x80 ? -1 : 1;
  const exponent = (pattern >>> 3) & 15;
  const fraction = pattern & 7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (8 + fraction) * 2 ** (exponent - 10);
}
