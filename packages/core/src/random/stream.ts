// Random numbers of a stream. Element i is a pure function of the key and i: filling in pieces, in any order, anywhere gives the same bits.
import { AttributeError } from "../errors.ts";
import type { RandomKey } from "./key.ts";
import { multiplyHigh, philox4x32 } from "./philox.ts";

const wordsPerBlock = 4;
const chunk = 1024;
const block = new Uint32Array(wordsPerBlock);
const words = new Uint32Array(chunk + wordsPerBlock);

function checkOffset(offset: number): void {
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new AttributeError(
      "random stream",
      `offset ${offset} is not an integer from 0 to 2^53 - 1`,
      "pass the index of the first element",
    );
}

/**
 * Fills `out` with uniformly distributed 32-bit words: elements `offset`, `offset + 1`, ... of the stream.
 *
 * Element i is word `i mod 4` of the Philox block with counter `(i div 4 mod 2^32, i div 2^34, 0, 0)`.
 */
export function fillBits(key: RandomKey, offset: number, out: Uint32Array): void {
  checkOffset(offset);
  for (let index = 0; index < out.length;) {
    const lane = (offset + index) % wordsPerBlock;
    const number = (offset + index - lane) / wordsPerBlock;
    const high = Math.floor(number / 2 ** 32);
    if (lane === 0 && out.length - index >= wordsPerBlock) {
      philox4x32(number, high, 0, 0, key.low, key.high, out, index);
      index += wordsPerBlock;
    } else {
      philox4x32(number, high, 0, 0, key.low, key.high, block, 0);
      const count = Math.min(wordsPerBlock - lane, out.length - index);
      out.set(block.subarray(lane, lane + count), index);
      index += count;
    }
  }
}

/**
 * Fills `out` with numbers uniform in [0, 1): multiples of 2^-24, each exact in float32; or in another interval, then rounded once.
 * Element i is the upper 24 bits of word i of {@link fillBits}, times 2^-24.
 */
export function fillUniform(key: RandomKey, offset: number, out: Float32Array, low = 0, high = 1): void {
  checkOffset(offset);
  for (let start = 0; start < out.length; start += chunk) {
    const count = Math.min(chunk, out.length - start);
    fillBits(key, offset + start, words.subarray(0, count));
    for (let index = 0; index < count; index++)
      out[start + index] = low + (high - low) * (((words[index] ?? 0) >>> 8) * 2 ** -24);
  }
}

/**
 * Fills `out` with 1 where the uniform number of the same element ({@link fillUniform}) is below `probability`, else 0.
 * @param probability of a 1, from 0 to 1
 */
export function fillBernoulli(
  key: RandomKey,
  offset: number,
  out: Float32Array | Int32Array | Uint8Array,
  probability: number,
): void {
  if (!(probability >= 0 && probability <= 1))
    throw new AttributeError("bernoulli", `probability ${probability} is not from 0 to 1`, "pass the share of ones");
  checkOffset(offset);
  const threshold = Math.ceil(probability * 2 ** 24); // k * 2^-24 < p exactly where the integer k < ceil(p * 2^24)
  for (let start = 0; start < out.length; start += chunk) {
    const count = Math.min(chunk, out.length - start);
    fillBits(key, offset + start, words.subarray(0, count));
    for (let index = 0; index < count; index++) out[start + index] = (words[index] ?? 0) >>> 8 < threshold ? 1 : 0;
  }
}

/**
 * Fills `out` with normally distributed numbers of mean 0 and standard deviation 1.
 *
 * Box and Muller (1958) in float64, rounded once to float32. Elements 2j and 2j + 1 are r cos a and r sin a with
 * r = sqrt(-2 ln((w + 1) / 2^32)) of word w = 2j of {@link fillBits} and a = 2 pi v / 2^32 of word v = 2j + 1; so no value is beyond 6.67.
 * `Math.log`, `Math.cos` and `Math.sin` may differ by a last bit of float64 between JavaScript engines: there a value may differ by one of float32.
 */
export function fillNormal(key: RandomKey, offset: number, out: Float32Array): void {
  checkOffset(offset);
  const skipped = offset % 2;
  for (let start = -skipped; start < out.length; start += chunk) {
    const count = Math.min(chunk, out.length - start);
    const even = count + (count % 2);
    fillBits(key, offset + start, words.subarray(0, even));
    for (let index = 0; index < even; index += 2) {
      const radius = Math.sqrt(-2 * Math.log(((words[index] ?? 0) + 1) * 2 ** -32));
      const angle = (words[index + 1] ?? 0) * (2 ** -31 * Math.PI);
      if (start + index >= 0) out[start + index] = radius * Math.cos(angle);
      if (start + index + 1 < out.length) out[start + index + 1] = radius * Math.sin(angle);
    }
  }
}

/**
 * Element `index` of the stream as an integer from 0 to `bound` - 1, each exactly as likely (Lemire, "Fast Random Integer Generation in an
 * Interval", 2019). Where word `index` must be rejected, the same word of the blocks whose third counter word is 1, 2, ... is taken.
 * @param bound an integer from 1 to 2^32
 */
export function boundedInteger(key: RandomKey, index: number, bound: number): number {
  checkOffset(index);
  if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
    throw new AttributeError(
      "boundedInteger",
      `bound ${bound} is not an integer from 1 to 2^32`,
      "pass how many values there are",
    );
  const lane = index % wordsPerBlock;
  const number = (index - lane) / wordsPerBlock;
  const rejected = 2 ** 32 % bound; // products whose low half is below this would make some values likelier
  for (let attempt = 0; ; attempt++) {
    philox4x32(number, Math.floor(number / 2 ** 32), attempt, 0, key.low, key.high, block, 0);
    const word = block[lane] ?? 0;
    if (bound === 2 ** 32) return word;
    if (Math.imul(word, bound) >>> 0 >= rejected) return multiplyHigh(word, bound);
  }
}

/**
 * A random order of 0, 1, ..., `length` - 1, each order as likely as the stream can tell (Fisher and Yates, Durstenfeld's form).
 * @param length an integer from 0 to 2^32 - 1
 */
export function permutationOf(key: RandomKey, length: number): Uint32Array {
  if (!Number.isInteger(length) || length < 0 || length >= 2 ** 32)
    throw new AttributeError(
      "permutation",
      `length ${length} is not an integer from 0 to 2^32 - 1`,
      "pass how many items to order",
    );
  const order = Uint32Array.from({ length }, (_, index) => index);
  for (let last = length - 1; last > 0; last--) {
    const chosen = boundedInteger(key, last, last + 1);
    const held = order[last] ?? 0;
    order[last] = order[chosen] ?? 0;
    order[chosen] = held;
  }
  return order;
}
