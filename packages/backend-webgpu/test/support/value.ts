// A tensor of float64 numbers on the host, for oracles that are loops anyone can check.
import { type DType, type Shape, type TypedArray, allocate, at, sizeOf, stridesOf } from "@stria/core";

export interface Value {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: readonly number[];
}

/** All coordinates of a shape, row-major. */
export function coordinatesOf(shape: Shape): number[][] {
  const strides = stridesOf(shape);
  return Array.from({ length: sizeOf(shape) }, (_, index) =>
    shape.map((length, axis) => Math.floor(index / at(strides, axis)) % length),
  );
}

export function make(shape: Shape, dtype: DType, element: (coordinates: number[], index: number) => number): Value {
  return { shape, dtype, data: coordinatesOf(shape).map(element) };
}

/** The element at `coordinates`, or `outside` where there is none. */
export function read({ shape, data }: Value, coordinates: readonly number[], outside = 0): number {
  let index = 0;
  for (const [axis, length] of shape.entries()) {
    const place = at(coordinates, axis);
    if (place < 0 || place >= length) return outside;
    index = index * length + place;
  }
  return at(data, index);
}

/** The element that broadcasting puts at `coordinates` of the broadcast shape. */
export function readBroadcast(value: Value, coordinates: readonly number[]): number {
  const own = coordinates.slice(coordinates.length - value.shape.length);
  return read(
    value,
    own.map((place, axis) => (value.shape[axis] === 1 ? 0 : place)),
  );
}

export function toHost({ dtype, data }: Value): TypedArray {
  const array = allocate(dtype, data.length);
  array.set(data);
  return array;
}

/** What a value of `dtype` becomes when it is stored. */
export function stored(value: Value): Value {
  return { ...value, data: Array.from(toHost(value)) };
}

/** Deterministic numbers (mulberry32). */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T {
    return at(list, this.whole(0, list.length - 1));
  }
  shape(rank: number, low = 1, high = 4): number[] {
    return Array.from({ length: rank }, () => this.whole(low, high));
  }
  value(shape: Shape, dtype: DType): Value {
    const draw = (): number => {
      if (dtype === "float32") return Math.fround(this.next() * 4 - 2);
      if (dtype === "bool") return this.whole(0, 1);
      return dtype === "uint8" ? this.whole(0, 255) : this.whole(-50, 50);
    };
    return { shape, dtype, data: Array.from({ length: sizeOf(shape) }, draw) };
  }
  shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, key: this.next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ item }) => item);
  }
}
