// Numbers that are the same in every run.
import { at, sizeOf, type Aval, type DType, type Shape, type TypedArray } from "@stria/core";

export interface Value {
  readonly data: TypedArray;
  readonly aval: Aval;
}

/** What breaks approximations: zeros, infinities, NaN, subnormals, the edges of exp. */
const specials = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-40, 1e38, 0.5, -0.5, 2, -2, 88, -88, 3.5];

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1);
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    return (this.#state >>> 0) / 2 ** 32;
  }

  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return at(list, this.integer(0, list.length - 1));
  }

  shape(rank: number, most: number): number[] {
    return Array.from({ length: rank }, () => this.integer(1, most));
  }

  shuffled(count: number): number[] {
    return Array.from({ length: count }, (_, index) => ({ index, key: this.next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ index }) => index);
  }

  value(shape: Shape, dtype: DType = "float32", kind: "plain" | "special" = "plain"): Value {
    const length = sizeOf(shape);
    const aval = { shape, dtype };
    if (dtype === "int32") return { aval, data: Int32Array.from({ length }, () => this.integer(-5, 5)) };
    if (dtype !== "float32")
      return { aval, data: Uint8Array.from({ length }, () => this.integer(0, dtype === "bool" ? 1 : 255)) };
    const draw = (): number => {
      if (kind === "plain") return 2 * this.next() - 1;
      return this.chance(0.3) ? this.pick(specials) : 20 * this.next() - 10;
    };
    return { aval, data: Float32Array.from({ length }, draw) };
  }
}
