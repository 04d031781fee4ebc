// Seeded random numbers, shapes and operands: the same cases for the same seed, everywhere.
import { type DType, type Shape, type TypedArray, allocate, at, sizeOf } from "@stria/core";

export interface Operand {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
}

const specials = [Number.NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, 1.5, 2.5, -0.5, -2];
/** The bits of a NaN, the infinities, zeros, the least and the largest subnormal and normal float16. */
const specialHalves = [0x7e00, 0x7c00, 0xfc00, 0, 0x8000, 1, 0x8001, 0x3ff, 0x400, 0x7bff, 0xfbff];
/** What wraps, and what float32 cannot hold. */
const largeIntegers = [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1, -(2 ** 30) + 1, 65_537];

export class Random {
  #state: number;
  constructor(seed: number) {
    // Seeds that are near each other must not give cases that are: murmur3's last mixing.
    let mixed = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    this.#state = (mixed ^ (mixed >>> 16)) >>> 0;
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    return at(list, this.int(0, list.length - 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  list(length: number, least: number, most: number): number[] {
    return Array.from({ length }, () => this.int(least, most));
  }

  pairs(length: number, most: number): [number, number][] {
    return Array.from({ length }, () => [this.int(0, most), this.int(0, most)]);
  }

  /** Now and then an axis is empty. Many axes are short. */
  shape(rank: number, most = 5, empty = 0.04): number[] {
    const longest = rank > 4 ? Math.min(most, 3) : most;
    return Array.from({ length: rank }, () => (this.chance(empty) ? 0 : this.int(1, longest)));
  }

  /** From `least` to 6, the most that there is; all are met in a few rounds. */
  rank(least = 0): number {
    return this.chance(0.4) ? this.int(5, 6) : this.int(least, 4);
  }

  /** Shapes that broadcast together. */
  broadcastable(count: number): number[][] {
    const whole = this.shape(this.rank());
    return Array.from({ length: count }, () =>
      whole.slice(this.int(0, whole.length)).map((length) => (this.chance(0.3) ? 1 : length)),
    );
  }

  /** `special`: how often an element is a NaN, an infinity, a zero or an integer that overflows. */
  operand(
    shape: Shape,
    dtype: DType,
    { special = 0, scale = 3 }: { readonly special?: number; readonly scale?: number } = {},
  ): Operand {
    const data = allocate(dtype, sizeOf(shape));
    for (let index = 0; index < data.length; index++) {
      const isSpecial = this.chance(special);
      if (dtype === "float32") data[index] = isSpecial ? this.pick(specials) : (this.next() * 2 - 1) * scale;
      else if (dtype === "float16")
        data[index] = isSpecial ? this.pick(specialHalves) : this.int(0, 1) * 0x8000 + this.int(0, 0x7bff);
      else if (dtype === "int32") data[index] = isSpecial ? this.pick(largeIntegers) : this.int(-9, 9);
      else data[index] = this.int(0, dtype === "bool" ? 1 : 255);
    }
    return { shape, dtype, data };
  }

  subset(rank: number): number[] {
    return Array.from({ length: rank }, (_, axis) => axis).filter(() => this.chance(0.5));
  }

  permutation(rank: number): number[] {
    const order = Array.from({ length: rank }, (_, axis) => axis);
    for (let index = rank - 1; index > 0; index--) {
      const other = this.int(0, index);
      [order[index], order[other]] = [at(order, other), at(order, index)];
    }
    return order;
  }
}
