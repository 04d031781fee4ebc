// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011).
// A block of four words is a pure function of a counter and a key, so any element of a stream can be computed on its own, anywhere.

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;
const rounds = 10;

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit integers; exact (the lower 32 are `Math.imul`). */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // Each sum stays below 2^32: (2^16 - 1)^2 + 2^16 - 1 = 2^32 - 2^16.
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

/**
 * Writes the four words of one block to `out[at .. at + 3]`.
 * @param counter0 the counter's four words, the least significant first; taken modulo 2^32, like the key's two
 */
export function philox4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
  at: number,
): void {
  let c0 = counter0 | 0;
  let c1 = counter1 | 0;
  let c2 = counter2 | 0;
  let c3 = counter3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < rounds; round++) {
    const low0 = Math.imul(multiplier0, c0);
    const low1 = Math.imul(multiplier1, c2);
    // The upper words, as `multiplyHigh` has them, in the few operations that a cold process wants: the float64 product is off by less than 2^11, and without
    // its lower word a multiple of 2^32. The half is cut off below, where numbers become integers.
    const high0 = ((c0 >>> 0) * multiplier0 - (low0 >>> 0)) * 2 ** -32 + 0.5;
    const high1 = ((c2 >>> 0) * multiplier1 - (low1 >>> 0)) * 2 ** -32 + 0.5;
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}
