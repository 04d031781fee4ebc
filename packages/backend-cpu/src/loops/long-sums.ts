// Long sums in float32 lose digits, and stand still once the sum is 2^24 times its terms: so a few terms are added up at a time, and their sums in float64.
import { at } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** Terms that are added up in float32 before the sum goes on in float64. */
const run = 32;

/** Sums of so many terms stay in float32. What is normalised by a small deviation wants every digit of its mean. */
export const mostInSingle = 64;

/** Vectors of float32 sums, each backed by two vectors of float64. */
export class LongSums {
  readonly #f: FunctionBuilder;
  readonly #sums: readonly Local[];
  readonly #totals: readonly { readonly low: Local; readonly high: Local }[];
  readonly #terms: Local;

  constructor(f: FunctionBuilder, sums: readonly Local[]) {
    this.#f = f;
    this.#sums = sums;
    this.#totals = sums.map(() => ({ low: f.local("v128"), high: f.local("v128") }));
    this.#terms = f.local("i32");
  }

  /** Before the first term; the sums themselves are 0. */
  start(): void {
    this.#f.i32(0).set(this.#terms);
    for (const { low, high } of this.#totals) this.#f.v128([0, 0, 0, 0]).set(low).v128([0, 0, 0, 0]).set(high);
  }

  /** After a term was added to each sum. */
  added(): void {
    this.#f
      .get(this.#terms)
      .i32(1)
      .op("i32.add")
      .tee(this.#terms)
      .i32(run)
      .op("i32.eq")
      .if(() => {
        this.#f.i32(0).set(this.#terms);
        this.#fold();
      });
  }

  /** After the last term: leaves the whole sums in place of the partial ones. */
  finish(): void {
    this.#fold();
    this.#totals.forEach(({ low, high }, index) => {
      this.#f.get(low).op("f32x4.demote_f64x2_zero").get(high).op("f32x4.demote_f64x2_zero").shuffle(0, 1, 4, 5);
      this.#f.set(at(this.#sums, index));
    });
  }

  #fold(): void {
    this.#totals.forEach(({ low, high }, index) => {
      const sum = at(this.#sums, index);
      this.#f.get(low).get(sum).op("f64x2.promote_low_f32x4", "f64x2.add").set(low);
      this.#f.get(high).get(sum).get(sum).shuffle(2, 3, 2, 3).op("f64x2.promote_low_f32x4", "f64x2.add").set(high);
      this.#f.v128([0, 0, 0, 0]).set(sum);
    });
  }
}
