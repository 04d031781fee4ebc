// One WGSL generator for reductions over any axes of an expression in any number of operands. A long reduction is cut into chunks that are
// reduced side by side and then reduced again: more threads, and shorter sums, which round less.
import { type Aval, type DType, type Shape, at, sizeOf, stridesOf } from "@stria/core";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import { type DeviceTensor, wgslType } from "../tensor.ts";
import { type Field, axisFields, axisValues, dotStrides, takeApart } from "./axes.ts";
import { type Collapsed, collapse } from "./collapse.ts";
import { remembered } from "./remembered.ts";

export interface ReduceOperand {
  readonly tensor: DeviceTensor;
  /** Strides along the axes that stay. */
  readonly kept: readonly number[];
  /** Strides along the axes that are reduced. */
  readonly reduced: readonly number[];
}

export type Combine = "sum" | "prod" | "max";

export interface ReduceCode {
  /** Names `expression`. */
  readonly key: string;
  /** WGSL of what is combined, in terms of the operands' elements `a`, `b`, ... */
  readonly expression: string;
  readonly combine: Combine;
  /** A float result is multiplied by this at the end. */
  readonly scale?: number;
}

const names = ["a", "b", "c", "d"];
/** A chunk has at least this many elements, and there are no more chunks than keep this many threads busy. */
const shortestChunk = 64;
const enoughThreads = 4096;
/** From this length on an axis is reduced in a pass of its own: walking several axes at once takes divisions at every element. */
const longLine = 16;

function combination(combine: Combine, type: string): string {
  if (combine === "sum") return "best + next";
  if (combine === "prod") return "best * next";
  if (type === "i32") return "max(best, next)";
  return "select(select(best, next, next > best || isnan(next)), best, isnan(best))";
}

/** Reduces at least one element each; a reduction of nothing is the caller's. */
export function stridedReduce(
  runtime: Runtime,
  code: ReduceCode,
  kept: Shape,
  reduced: Shape,
  operands: readonly ReduceOperand[],
  aval: Aval,
): DeviceTensor {
  const tensors = operands.map((operand) => operand.tensor);
  const axes = collapse(
    reduced,
    operands.map((operand) => operand.reduced),
  );
  if (axes.dims.length > 1 && at(axes.dims, axes.dims.length - 1) >= longLine)
    return lineByLine(runtime, code, kept, axes, operands, aval);
  const outputs = sizeOf(kept);
  const length = sizeOf(reduced);
  const chunks =
    length < 2 * shortestChunk
      ? 1
      : Math.max(1, Math.min(Math.ceil(enoughThreads / Math.max(1, outputs)), Math.floor(length / shortestChunk)));
  const outer = collapse(
    kept,
    operands.map((operand) => operand.kept),
  );
  const inner = collapse(
    reduced,
    operands.map((operand) => operand.reduced),
  );
  // Neighbouring threads should read neighbouring elements: those of one sum where its elements are neighbours, else those of the next output.
  const chunksFirst = at(at(inner.strides, 0), inner.dims.length - 1) === 1;
  const [scale, key] = [code.scale !== undefined && chunks === 1, code.key];
  const name = [
    `reduce ${key} ${code.combine}`,
    tensors.map((tensor) => wgslType(tensor.aval.dtype)).join(),
    wgslType(aval.dtype),
    outer.dims.length,
    inner.dims.length,
    chunksFirst,
    scale,
  ].join(" ");
  const program = remembered(name, () =>
    reduceProgram(name, code, operands.length, aval.dtype, outer.dims.length, inner.dims.length, chunksFirst, scale),
  );
  const output = runtime.allocate(chunks === 1 ? aval : { shape: [outputs * chunks], dtype: aval.dtype }, tensors);
  runtime.run(program, tensors, output, outputs * chunks, [
    [chunks],
    [outputs],
    [length],
    ...(scale ? [[code.scale ?? 1]] : []),
    ...axisValues(outer.dims),
    ...axisValues(inner.dims),
    ...operands.flatMap((_, k) => [...axisValues(at(outer.strides, k)), ...axisValues(at(inner.strides, k))]),
  ]);
  if (chunks === 1) return output;
  const rest: ReduceOperand = {
    tensor: output,
    kept: [chunksFirst ? chunks : 1],
    reduced: [chunksFirst ? 1 : outputs],
  };
  const result = stridedReduce(
    runtime,
    { ...code, key: "partial", expression: "a" },
    [outputs],
    [chunks],
    [rest],
    aval,
  );
  runtime.free(output);
  return result;
}

/** Reduces the last axis first, then the others. */
function lineByLine(
  runtime: Runtime,
  code: ReduceCode,
  kept: Shape,
  { dims, strides }: Collapsed,
  operands: readonly ReduceOperand[],
  aval: Aval,
): DeviceTensor {
  const others = dims.slice(0, -1);
  const lines: ReduceOperand[] = operands.map(({ tensor, kept: steps }, k) => ({
    tensor,
    kept: [...steps, ...at(strides, k).slice(0, -1)],
    reduced: at(strides, k).slice(-1),
  }));
  const { key, expression, combine, scale } = code;
  const shape = [...kept, ...others];
  const sums = stridedReduce(runtime, { key, expression, combine }, shape, dims.slice(-1), lines, {
    shape,
    dtype: aval.dtype,
  });
  const steps = stridesOf(shape);
  const rest: ReduceOperand = { tensor: sums, kept: steps.slice(0, kept.length), reduced: steps.slice(kept.length) };
  const plain: ReduceCode = { key: "plain", expression: "a", combine, ...(scale !== undefined && { scale }) };
  const result = stridedReduce(runtime, plain, kept, others, [rest], aval);
  runtime.free(sums);
  return result;
}

function reduceProgram(
  key: string,
  code: ReduceCode,
  count: number,
  dtype: DType,
  outerRank: number,
  innerRank: number,
  chunksFirst: boolean,
  scale: boolean,
): Program {
  const operands = names.slice(0, count);
  const uniforms: Field[] = [
    ["chunks", "i32"],
    ["outputs", "i32"],
    ["reduced_length", "i32"],
    ...(scale ? [["scale", "f32"] satisfies Field] : []),
    ...axisFields("outer", outerRank),
    ...axisFields("inner", innerRank),
    ...operands.flatMap((name): Field[] => [
      ...axisFields(`${name}_outer`, outerRank),
      ...axisFields(`${name}_inner`, innerRank),
    ]),
  ];
  const type = wgslType(dtype);
  const element = operands
    .map((name) => `let ${name} = ${name}_in[${name}_start + ${dotStrides("r", `${name}_inner`, innerRank)}];`)
    .join("\n");
  return {
    key,
    inputs: operands.map((name) => `${name}_in`),
    uniforms,
    main: `
      let chunk = ${chunksFirst ? "index % uniforms.chunks" : "index / uniforms.outputs"};
      let place = ${chunksFirst ? "index / uniforms.chunks" : "index % uniforms.outputs"};
      ${takeApart("place", "outer", "o", outerRank)}
      ${operands.map((name) => `let ${name}_start = ${dotStrides("o", `${name}_outer`, outerRank)};`).join("\n")}
      var best = ${type}(0);
      for (var at = chunk; at < uniforms.reduced_length; at += uniforms.chunks) {
        ${takeApart("at", "inner", "r", innerRank)}
        ${element}
        let next : ${type} = ${code.expression};
        if (at == chunk) { best = next; } else { best = ${combination(code.combine, type)}; }
      }
      result[index] = best${scale ? " * uniforms.scale" : ""};`,
  };
}
