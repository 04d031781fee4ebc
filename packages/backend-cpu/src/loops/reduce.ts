// Reductions: sums, products or maxima of elementwise expressions over some axes. Four neighbours at a time, along the axis that lies densest: either
// across four results, or along one result's own elements. One unit writes its own results alone, so threads cannot change them.
import { at } from "@stria/core";
import { kernelParameters, type Kernel } from "../kernels/kernel.ts";
import { partOf } from "./evaluate.ts";
import { expressionKey } from "./expression.ts";
import { blocksOf, emitAcross } from "./reduce-across.ts";
import { emitAlong } from "./reduce-along.ts";
import { emitParts } from "./reduce-parts.ts";
import type { ReduceSpec } from "./reduce-spec.ts";

/** Whether four results are computed side by side; else one, from four partial ones. */
function goesAcross({ kept, reduced, operands }: Pick<ReduceSpec, "kept" | "reduced" | "operands">): boolean {
  const [width, depth] = [kept.at(-1) ?? 1, reduced.at(-1) ?? 1];
  if (kept.length === 0 || width < 4) return false;
  const dense = (axis: number): number => operands.filter(({ strides }) => at(strides, axis) === 1).length;
  const [across, along] = [dense(kept.length - 1), dense(kept.length + reduced.length - 1)];
  return across > along || (across === along && depth < 8) || depth < 4;
}

export function reduceUnits(spec: ReduceSpec): number {
  if (spec.parts > 1 || spec.byRuns) return spec.parts;
  const results = spec.kept.reduce((product, size) => product * size, 1);
  return goesAcross(spec) ? (results / (spec.kept.at(-1) ?? 1)) * blocksOf(spec) : results;
}

/** Elements that are summed up in one part, at least; and parts at most. Neither knows of threads, so that sums are the same on any number. */
const leastInPart = 16384;
const mostParts = 64;

/** Whether it can be summed up in parts: across the results, which lie side by side. */
export function hasParts(spec: Omit<ReduceSpec, "parts">): boolean {
  const { reduction, dtype, kept } = spec;
  return reduction === "sum" && dtype === "float32" && kept.length === 1 && goesAcross(spec);
}

/** In how many parts to sum up: several where there are few results, of many elements each. */
export function partsOf(spec: Omit<ReduceSpec, "parts">): number {
  const { kept, reduced } = spec;
  if (!hasParts(spec)) return 1;
  const elements = [...kept, ...reduced].reduce((product, size) => product * size, 1);
  return Math.max(1, Math.min(mostParts, Math.floor(elements / leastInPart), reduced[0] ?? 1));
}

/** Argument words: the addresses of the operands, then of the results; of the sums of the parts where there are parts, and of their table where they have one. */
export function reduceKernel(spec: ReduceSpec): Kernel {
  const operands = spec.operands.map((operand) => `${operand.dtype}[${operand.strides.join()}]`).join();
  const sizes = spec.byRuns
    ? `${spec.kept.join()} by runs`
    : `${spec.kept.join()}|${spec.reduced.join()}/${spec.parts}`;
  return {
    key: `reduce ${spec.reduction} ${spec.dtype} ${sizes} ${operands} ${spec.results.join()} ${expressionKey(spec.expressions)}`,
    ...partOf(spec.expressions),
    emit(module, name) {
      const emitBody = spec.parts > 1 || spec.byRuns ? emitParts : goesAcross(spec) ? emitAcross : emitAlong;
      module.function(name, kernelParameters, [], (f) => emitBody(f, spec, module));
    },
  };
}
