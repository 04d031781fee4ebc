// What a reduction kernel computes, and what its ways of walking have in common.
import { at, type DType } from "@stria/core";
import { kernelArguments } from "../kernels/kernel.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import type { Expression } from "./expression.ts";
import type { Access, Offsets } from "./nest.ts";
import { floatBits, type Push, type VectorMath } from "./vector.ts";

export type Reduction = "sum" | "prod" | "max";

export interface ReduceSpec {
  readonly reduction: Reduction;
  /** float32 or int32. */
  readonly dtype: DType;
  /** Sizes of the axes that stay, then of those that go. The results are row-major over the first. */
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  /** Strides over kept and reduced axes. */
  readonly operands: readonly Access[];
  readonly expressions: readonly Expression[];
  /** The expressions that are reduced. */
  readonly results: readonly number[];
  /** Parts of the first reduced axis that are summed up on their own, in float64; 1 where the results are whole. */
  readonly parts: number;
  /** Whether the parts are those of a table, as runs of the only reduced axis: program/parts-table.ts. */
  readonly byRuns?: boolean;
}

/** The number that changes nothing. */
export function identity(v: VectorMath, { reduction, dtype }: ReduceSpec): Push {
  const value = reduction === "sum" ? 0 : reduction === "prod" ? 1 : dtype === "float32" ? -Infinity : -0x80000000;
  return v.integer(dtype === "float32" ? floatBits(value) : value);
}

export function combine(v: VectorMath, { reduction, dtype }: ReduceSpec, a: Push, b: Push): Push {
  const lanes = dtype === "float32" ? "f32x4" : "i32x4";
  if (reduction === "sum") return v.op(`${lanes}.add`, a, b);
  if (reduction === "prod") return v.op(`${lanes}.mul`, a, b);
  return dtype === "float32" ? v.max(a, b) : v.op("i32x4.max_s", a, b);
}

/** Loops over some reduced axes, moving the offsets. */
export function nestLoops(
  f: FunctionBuilder,
  offsets: Offsets,
  spec: ReduceSpec,
  axes: readonly number[],
  body: () => void,
): void {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body();
  const size = at(spec.reduced, axis - spec.kept.length);
  const index = f.local("i32");
  f.i32(0).for(
    index,
    () => f.i32(size),
    1,
    () => {
      nestLoops(f, offsets, spec, rest, body);
      offsets.move(axis, 1);
    },
  );
  offsets.move(axis, -size);
}

/** The first `count` argument words. */
export function loadBases(f: FunctionBuilder, count: number): Local[] {
  return Array.from({ length: count }, (_, index) => {
    const base = f.local("i32");
    f.get(kernelArguments)
      .memory("i32.load", index * 4)
      .set(base);
    return base;
  });
}
