// Emits reductions: one pass over the operands for any number of results, or two where a few long sums are divided among threads.
import { at, sizeOf, type DType, type Shape } from "@stria/core";
import type { Expression } from "../loops/expression.ts";
import { partBytes, partScratchBytes } from "../loops/reduce-parts.ts";
import { partsOf, reduceKernel, reduceUnits } from "../loops/reduce.ts";
import type { Reduction, ReduceSpec } from "../loops/reduce-spec.ts";
import { sumPartsKernel, sumPartsUnits } from "../loops/sum-parts.ts";
import { addressOf, byStride, costOf, type Read } from "./elementwise.ts";
import type { BufferId, ProgramBuilder, StepRequest } from "./steps.ts";
import { partsTable } from "./parts-table.ts";
import { mergeAxes } from "./view.ts";

export interface ReductionRequest {
  readonly reduction: Reduction;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The axes that go; and those that stay, as they lie in the results, the outermost first. */
  readonly axes: readonly number[];
  readonly kept: readonly number[];
  readonly reads: readonly Read[];
  readonly expressions: readonly Expression[];
  /** What is reduced, and the whole buffers that it is reduced into. */
  readonly results: readonly { readonly expression: number; readonly target: BufferId }[];
}

/** Reduces expressions over `axes` of `shape`. */
export function addReduction(builder: ProgramBuilder, request: ReductionRequest): void {
  const { reduction, dtype, shape, reads, expressions, results } = request;
  const part = (list: readonly number[]): { sizes: number[]; strides: number[][] } =>
    mergeAxes(
      list.map((axis) => at(shape, axis)),
      reads.map(({ view }) => list.map((axis) => at(view.strides, axis))),
    );
  const kept = part(request.kept);
  const reduced = part(byStride(request.axes, reads));
  const whole: Omit<ReduceSpec, "parts"> = {
    reduction,
    dtype,
    kept: kept.sizes,
    reduced: reduced.sizes,
    operands: reads.map((read, index) => ({
      dtype: read.dtype,
      strides: [...at(kept.strides, index), ...at(reduced.strides, index)],
    })),
    expressions,
    results: results.map(({ expression }) => expression),
  };
  if (kept.sizes.includes(0)) return;
  const source = builder.gatherer?.sourceIn(reads, whole);
  const spec: ReduceSpec = source
    ? { ...whole, parts: source.written.parts.count, byRuns: true }
    : { ...whole, parts: partsOf(whole) };
  const inParts = spec.parts > 1 || source !== undefined;
  const targets = results.map(({ target }) => target);
  const sums = inParts ? builder.local(partBytes(spec)) : undefined;
  const writes = sums === undefined ? targets : [sums];
  const tables = source ? [partsTable(builder, source.written.parts)] : [];
  const step: StepRequest = {
    kernel: reduceKernel(spec),
    arguments: [...reads.map(addressOf), ...[...writes, ...tables].map((buffer) => ({ buffer }))],
    units: reduceUnits(spec),
    cost: (sizeOf(shape) / 4) * (costOf(expressions) + 1),
    scratchBytes: inParts ? partScratchBytes : 0,
    reads: [...reads.map(({ buffer }) => buffer), ...tables],
    writes,
  };
  if (source) builder.gatherer?.add(source, step);
  else builder.step(step);
  if (sums === undefined) return;
  const parts = { parts: spec.parts, results: targets.length, width: at(kept.sizes, 0) };
  builder.step({
    kernel: sumPartsKernel(parts),
    arguments: [sums, ...targets].map((buffer) => ({ buffer })),
    units: sumPartsUnits(parts),
    cost: (spec.parts * parts.results * parts.width) / 2,
    reads: [sums],
    writes: targets,
  });
}
