// Numbers for tests: the same ones at every run, exact in binary, so that a step of 2^-k is exact too.
import { type Shape, type Tensor, at, sizeOf, tensor } from "../../src/index.ts";

/** A generator of numbers in [0, 1) (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Multiples of 1/256 in [low, high). */
export function uniform(shape: Shape, seed: number, low = -1, high = 1): Tensor {
  const next = generator(seed);
  const data = Float32Array.from(
    { length: sizeOf(shape) },
    () => Math.round((low + (high - low) * next()) * 256) / 256,
  );
  return tensor(data, { shape });
}

/** A permutation of multiples of `gap`, so that no two are close. */
export function distinct(shape: Shape, seed: number, gap = 0.25): Tensor {
  const next = generator(seed);
  const count = sizeOf(shape);
  const order = Array.from({ length: count }, (_, index) => ({ index, rank: next() })).toSorted(
    (a, b) => a.rank - b.rank,
  );
  const data = new Float32Array(count);
  for (const [place, { index }] of order.entries()) data[index] = (place - count / 2) * gap;
  return tensor(data, { shape });
}

/** Whole numbers in [low, high). */
export function integers(shape: Shape, seed: number, low: number, high: number): Tensor {
  const next = generator(seed);
  return tensor(
    Int32Array.from({ length: sizeOf(shape) }, () => low + Math.floor(next() * (high - low))),
    { shape },
  );
}

/** The largest |found - wanted| / max(1, largest |wanted|); infinite where shapes, NaN or infinities differ. */
export async function distance(found: Tensor, wanted: Tensor): Promise<number> {
  if (found.shape.join() !== wanted.shape.join() || found.dtype !== wanted.dtype) return Infinity;
  const [a, b] = [await found.data(), await wanted.data()];
  const scale = Math.max(1, ...Array.from(b, Math.abs).filter(Number.isFinite));
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const [left, right] = [at(a, i), at(b, i)];
    if (left === right || (Number.isNaN(left) && Number.isNaN(right))) continue;
    const gap = Math.abs(left - right);
    worst = Math.max(worst, Number.isFinite(gap) ? gap / scale : Infinity);
  }
  return worst;
}
