// Walking several arrays of different strides through the same index space: the byte offsets of each distinct stride pattern are kept in one local,
// whichever arrays share it.
import { at, bytesOf, type DType } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** An array as a kernel sees it: elements from one step along each axis to the next. */
export interface Access {
  readonly dtype: DType;
  readonly strides: readonly number[];
}

/** One step along an axis, in bytes. */
export function byteStride(access: Access, axis: number): number {
  return at(access.strides, axis) * bytesOf(access.dtype);
}

/** Offsets into `accesses` along some axes. Axes are given by their place in `strides`. */
export class Offsets {
  readonly #f: FunctionBuilder;
  readonly #patterns: { local: Local; strides: number[] }[] = [];
  readonly #of: (Local | undefined)[];

  constructor(f: FunctionBuilder, accesses: readonly Access[], axes: readonly number[]) {
    this.#f = f;
    const known = new Map<string, Local>();
    this.#of = accesses.map((access) => {
      const strides = access.strides.map((_, axis) => (axes.includes(axis) ? byteStride(access, axis) : 0));
      if (strides.every((stride) => stride === 0)) return undefined;
      const key = strides.join();
      let local = known.get(key);
      if (local === undefined) {
        local = f.local("i32");
        known.set(key, local);
        this.#patterns.push({ local, strides });
      }
      return local;
    });
  }

  /** Pushes the offset of access `index`, or nothing and returns false where it is always 0. */
  push(index: number): boolean {
    const local = this.#of[index];
    if (local === undefined) return false;
    this.#f.get(local);
    return true;
  }

  reset(): void {
    for (const { local } of this.#patterns) this.#f.i32(0).set(local);
  }

  /** Adds `steps` (a constant) along `axis`. */
  move(axis: number, steps: number): void {
    for (const { local, strides } of this.#patterns) {
      const bytes = at(strides, axis) * steps;
      if (bytes !== 0) this.#f.get(local).i32(bytes).op("i32.add").set(local);
    }
  }

  /** Adds along `axis` the number of steps in a local. */
  moveBy(axis: number, steps: Local): void {
    for (const { local, strides } of this.#patterns)
      if (at(strides, axis) !== 0) this.#f.get(local).plus(steps, at(strides, axis)).set(local);
  }
}

/** A mixed-radix counter over `axes` of `sizes`, last axis fastest, that moves offsets along. */
export class Odometer {
  readonly #f: FunctionBuilder;
  readonly #offsets: Offsets;
  readonly #axes: { axis: number; size: number; index: Local }[];

  constructor(f: FunctionBuilder, offsets: Offsets, axes: readonly number[], sizes: readonly number[]) {
    this.#f = f;
    this.#offsets = offsets;
    this.#axes = axes.map((axis) => ({ axis, size: at(sizes, axis), index: f.local("i32") }));
  }

  /** Sets the counter to the number in `position`. */
  set(position: Local): void {
    const f = this.#f;
    const rest = f.local("i32");
    this.#offsets.reset();
    f.get(position).set(rest);
    for (const { axis, size, index } of this.#axes.toReversed()) {
      f.get(rest).i32(size).op("i32.rem_u").set(index).get(rest).i32(size).op("i32.div_u").set(rest);
      this.#offsets.moveBy(axis, index);
    }
  }

  next(): void {
    this.#carry(this.#axes.length - 1);
  }

  #carry(place: number): void {
    const entry = this.#axes[place];
    if (!entry) return;
    const { axis, size, index } = entry;
    this.#offsets.move(axis, 1);
    this.#f
      .get(index)
      .i32(1)
      .op("i32.add")
      .tee(index)
      .i32(size)
      .op("i32.eq")
      .if(() => {
        this.#f.i32(0).set(index);
        this.#offsets.move(axis, -size);
        this.#carry(place - 1);
      });
  }
}
