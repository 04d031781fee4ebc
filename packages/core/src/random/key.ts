// Keys of random streams, derived from a root seed and names, so that no stream depends on when or in what order others are used.
import { AttributeError } from "../errors.ts";
import { encodeUtf8 } from "../safetensors/utf8.ts";
import { philox4x32 } from "./philox.ts";

/** The 64-bit key of one stream of random numbers: two unsigned 32-bit words. Plain data: compare, store and send it as you like. */
export interface RandomKey {
  readonly low: number;
  readonly high: number;
}

/** A step of a stream's name: a text (`"shuffle"`, `"layer1.0.conv1.weight"`) or a count (an epoch, a step), an integer from 0 to 2^53 - 1. */
export type StreamName = string | number;

// The last counter word says what a block is for. Streams are filled with 0 there, so no derived key is ever also a stream's output.
const seedTag = 1;
const countTag = 2;
const textTag = 3;
const textEndTag = 4; // plus 8 times the number of bytes in the block, so that trailing zero bytes count
const bytesPerBlock = 12;

const scratch = new Uint32Array(4);

function mix(key: RandomKey, word0: number, word1: number, word2: number, tag: number): RandomKey {
  philox4x32(word0, word1, word2, tag, key.low, key.high, scratch, 0);
  const [low = 0, high = 0] = scratch;
  return { low, high };
}

function mixInteger(key: RandomKey, value: number, tag: number): RandomKey {
  return mix(key, value % 2 ** 32, Math.floor(value / 2 ** 32), 0, tag);
}

function mixText(key: RandomKey, text: string): RandomKey {
  const bytes = encodeUtf8(text);
  const padded = new DataView(new ArrayBuffer((Math.floor(bytes.length / bytesPerBlock) + 1) * bytesPerBlock));
  bytes.forEach((byte, index) => padded.setUint8(index, byte));
  let mixed = key;
  for (let at = 0; at < padded.byteLength; at += bytesPerBlock) {
    const left = bytes.length - at;
    const tag = left < bytesPerBlock ? textEndTag + 8 * left : textTag;
    mixed = mix(mixed, padded.getUint32(at, true), padded.getUint32(at + 4, true), padded.getUint32(at + 8, true), tag);
  }
  return mixed;
}

/** Checks a root seed: an integer from 0 to 2^53 - 1. @throws AttributeError otherwise. */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new AttributeError("seed", `${seed} is not an integer from 0 to 2^53 - 1`, "pass a whole number such as 1");
}

/**
 * The key of the stream that is called `names` under the root `seed`.
 *
 * Derivation: Philox4x32-10 as a mixing function. The key starts at 0, absorbs the seed, then each name in turn, a count as one
 * block, a text as blocks of 12 UTF-8 bytes; the first two words of a block's output are the next key. Names are delimited and typed:
 * `("a", "b")`, `("ab")`, `(1)` and `("1")` are four streams. `streamKey(seed, a, b)` equals `splitKey(streamKey(seed, a), b)`.
 * Not for cryptography.
 * @throws AttributeError when the seed or a count is not an integer from 0 to 2^53 - 1
 */
export function streamKey(seed: number, ...names: readonly StreamName[]): RandomKey {
  checkSeed(seed);
  return splitKey(mixInteger({ low: 0, high: 0 }, seed, seedTag), ...names);
}

/** The key of a stream below `key`. @throws AttributeError when a count is not an integer from 0 to 2^53 - 1 */
export function splitKey(key: RandomKey, ...names: readonly StreamName[]): RandomKey {
  let split = key;
  for (const name of names) {
    if (typeof name === "string") split = mixText(split, name);
    else if (Number.isSafeInteger(name) && name >= 0) split = mixInteger(split, name, countTag);
    else
      throw new AttributeError(
        "stream name",
        `${name} is not an integer from 0 to 2^53 - 1`,
        "name streams by texts and counts",
      );
  }
  return split;
}
