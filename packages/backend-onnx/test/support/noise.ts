// Seeded numbers in [-scale, scale), as training data and first weights.
import { at, fillUniform, streamKey } from "@stria/core";

export function noise(seed: number, length: number, scale = 1): Float32Array<ArrayBuffer> {
  const data = new Float32Array(length);
  fillUniform(streamKey(seed, "noise"), 0, data);
  return data.map((value) => (2 * value - 1) * scale);
}

/** Whole numbers from 0 to `below` - 1. */
export function labels(seed: number, length: number, below: number): Int32Array<ArrayBuffer> {
  const data = noise(seed, length, 0.5);
  return Int32Array.from({ length }, (_, index) => Math.floor((at(data, index) + 0.5) * below));
}
