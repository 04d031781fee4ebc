// Numbers from a name and an index: what golden models and batches are filled with, so that nobody has to store them.
import { sizeOf } from "@stria/core";

/** FNV-1a, 32 bit, of the name's UTF-8 bytes. */
function hash(name: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) state = Math.imul(state ^ byte, 0x01000193);
  return state >>> 0;
}

/** The number at each place in [0, 1), exact in float64. */
function uniformAt(name: string): (index: number) => number {
  const seed = hash(name);
  return (index) => {
    let x = (seed + Math.imul(index, 0x9e3779b9)) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** `count` numbers in [0, 1). */
export function uniform(name: string, count: number): Float64Array {
  const at = uniformAt(name);
  return new Float64Array(count).map((_, index) => at(index));
}

/** float32(scale * u + offset), without the numbers in float64 that large models have no room for. */
function scaled(name: string, shape: readonly number[], scale: number, offset: number): Float32Array {
  const at = uniformAt(name);
  const values = new Float32Array(sizeOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = scale * at(index) + offset;
  return values;
}

/** Scale and offset for an entry of a state dict, by the last part of its name. */
function scaleOf(name: string, shape: readonly number[]): [scale: number, offset: number] {
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  if (leaf === "running_var") return [1, 0.5];
  if (leaf === "running_mean" || (shape.length <= 1 && leaf !== "weight")) return [0.2, -0.1];
  if (shape.length <= 1) return [0.5, 0.75];
  const bound = Math.sqrt(6 / sizeOf(shape.slice(1)));
  return [2 * bound, -bound];
}

/** The value of a state-dict entry. */
export function parameter(name: string, shape: readonly number[]): Float32Array {
  return scaled(name, shape, ...scaleOf(name, shape));
}

/** An input: zero mean, unit variance, uniform; or as many times that, where local response normalisation must be felt. */
export function image(name: string, shape: readonly number[], times = 1): Float32Array {
  const bound = Math.sqrt(3);
  const values = scaled(name, shape, 2 * bound, -bound);
  return times === 1 ? values : values.map((value) => value * times);
}

/** Integers from 0 to `count` - 1: tokens and labels. */
export function integers(name: string, shape: readonly number[], count: number): Int32Array {
  const at = uniformAt(name);
  return new Int32Array(sizeOf(shape)).map((_, index) => Math.floor(at(index) * count));
}
