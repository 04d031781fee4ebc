// Helpers for emitting arithmetic on vectors held in locals: the language in which math.ts is written.
import { at } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import type { SimdOpcode } from "../wasm/opcodes.ts";

const bitsView = new DataView(new ArrayBuffer(4));

/** The bits of a float32 as an int32. */
export function floatBits(value: number): number {
  bitsView.setFloat32(0, value, true);
  return bitsView.getInt32(0, true);
}

/** Pushes one value or instruction sequence. */
export type Push = () => void;

/**
 * A polynomial whose neighbouring terms are joined side by side, pairs of them next, and so on: a processor that has begun with several vectors waits for
 * results and not for units, and by Horner's scheme each term waits for the one before (erf and log take three quarters as long so). `x` and all that is returned
 * are values that are kept.
 */
export function estrin(
  x: Push,
  coefficients: readonly Push[],
  multiply: (a: Push, b: Push) => Push,
  multiplyAdd: (a: Push, b: Push, c: Push) => Push,
): Push {
  let terms = coefficients.toReversed();
  for (let power = x; ; power = multiply(power, power)) {
    const by = power;
    terms = Array.from({ length: Math.ceil(terms.length / 2) }, (_, pair) => {
      const [low, high] = [at(terms, 2 * pair), terms[2 * pair + 1]];
      return high ? multiplyAdd(high, by, low) : low;
    });
    if (terms.length <= 1) return at(terms, 0);
  }
}

/** Emits vector arithmetic into one function. Values are pushes, so that expressions nest; `keep` stores one in a local. */
export class VectorMath {
  readonly f: FunctionBuilder;
  readonly #fused: boolean;

  /** `fused`: a product and a sum may be rounded once. */
  constructor(f: FunctionBuilder, fused = false) {
    this.f = f;
    this.#fused = fused;
  }

  read(local: Local): Push {
    return () => void this.f.get(local);
  }

  /** Evaluates once, into a new local. */
  keep(value: Push): Push {
    const local = this.f.local("v128");
    value();
    this.f.set(local);
    return this.read(local);
  }

  op(name: SimdOpcode, ...operands: readonly Push[]): Push {
    return () => {
      for (const operand of operands) operand();
      this.f.op(name);
    };
  }

  /** Four equal float32. */
  float(value: number): Push {
    const bits = floatBits(value);
    return () => void this.f.constant([bits, bits, bits, bits]);
  }

  /** Four equal int32. */
  integer(value: number): Push {
    return () => void this.f.constant([value, value, value, value]);
  }

  add(a: Push, b: Push): Push {
    return this.op("f32x4.add", a, b);
  }

  sub(a: Push, b: Push): Push {
    return this.op("f32x4.sub", a, b);
  }

  mul(a: Push, b: Push): Push {
    return this.op("f32x4.mul", a, b);
  }

  /** a b + c */
  multiplyAdd(a: Push, b: Push, c: Push): Push {
    return this.#fused ? this.op("f32x4.relaxed_madd", a, b, c) : this.add(this.mul(a, b), c);
  }

  div(a: Push, b: Push): Push {
    return this.op("f32x4.div", a, b);
  }

  /** The larger, or NaN where either is: f32x4.max takes twice as many instructions, since it also tells 0 from -0. */
  max(a: Push, b: Push): Push {
    const other = this.keep(b);
    return this.op("v128.or", this.op("f32x4.pmax", a, other), this.op("f32x4.ne", other, other));
  }

  /** The smaller, or NaN where either is. */
  min(a: Push, b: Push): Push {
    const other = this.keep(b);
    return this.op("v128.or", this.op("f32x4.pmin", a, other), this.op("f32x4.ne", other, other));
  }

  /** `mask ? a : b`, lane by lane. */
  choose(mask: Push, a: Push, b: Push): Push {
    return this.op("v128.bitselect", a, b, mask);
  }

  shift(
    name: "i32x4.shl" | "i32x4.shr_s" | "i32x4.shr_u" | "i64x2.shl" | "i64x2.shr_s" | "i64x2.shr_u",
    value: Push,
    bits: number,
  ): Push {
    return () => {
      value();
      this.f.i32(bits).op(name);
    };
  }

  /** A polynomial by Estrin's scheme in float32, highest coefficient first. */
  polynomial(x: Push, coefficients: readonly number[]): Push {
    return estrin(
      x,
      coefficients.map((coefficient) => this.float(coefficient)),
      (a, b) => this.keep(this.mul(a, b)),
      (a, b, c) => this.keep(this.multiplyAdd(a, b, c)),
    );
  }
}
