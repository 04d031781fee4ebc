// One WGSL generator for everything elementwise and everything that only moves data: each operand and the output is walked by its own
// strides, so broadcasting, transposition, slicing and flipping are only numbers in uniforms, for any rank.
import { type Shape, at, sizeOf, stridesOf } from "@stria/core";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import type { DeviceTensor } from "../tensor.ts";
import { wgslType } from "../tensor.ts";
import { type Field, axisFields, axisValues, dotStrides, takeApart } from "./axes.ts";
import { collapse } from "./collapse.ts";
import { remembered } from "./remembered.ts";

/** An operand as it is walked: one stride (in elements, of either sign) an axis of the output, from an offset. */
export interface Operand {
  readonly tensor: DeviceTensor;
  readonly strides: readonly number[];
  readonly offset?: number;
}

/** What is done to each element. */
export interface ElementCode {
  /** Names the code, together with the types of the operands. */
  readonly key: string;
  /** WGSL of the result, of the type of the output, in terms of the operands' elements `a`, `b`, `c`, ... and of `uniforms.p_0[k]`. */
  readonly expression: string;
  readonly functions?: string;
  /** f32 numbers that the expression reads as uniforms.p_0[0] ... (at most four). */
  readonly parameters?: readonly number[];
}

const names = ["a", "b", "c", "d", "e", "f", "g"];

/** Fills `output` at the places `target` (all of it, row-major, when not given): output[...] = expression(operands[...]), over `shape`. */
export function stridedMap(
  runtime: Runtime,
  code: ElementCode,
  shape: Shape,
  operands: readonly Operand[],
  output: DeviceTensor,
  target?: { readonly strides: readonly number[]; readonly offset: number },
): void {
  const threads = sizeOf(shape);
  const all = [...operands.map((operand) => operand.strides), target?.strides ?? stridesOf(shape)];
  const { dims, strides } = collapse(shape, all);
  const rank = dims.length;
  const inputs = operands.map((operand) => operand.tensor);
  const types = inputs.map((input) => wgslType(input.aval.dtype));
  const key = `map ${code.key} ${types.join()} ${wgslType(output.aval.dtype)} ${rank} ${target ? "placed" : ""}`;
  const program = remembered(key, () => mapProgram(key, code, operands.length, rank, target !== undefined));
  const offsets = [...operands.map((operand) => operand.offset ?? 0), target?.offset ?? 0];
  const walked = strides.slice(0, operands.length + (target ? 1 : 0));
  runtime.run(program, inputs, output, threads, [
    ...(rank > 1 ? axisValues(dims) : []),
    ...walked.flatMap((numbers, k) => [...axisValues(numbers), [at(offsets, k)]]),
    ...(code.parameters ? [[0, 1, 2, 3].map((k) => code.parameters?.[k] ?? 0)] : []),
  ]);
}

function mapProgram(key: string, code: ElementCode, count: number, rank: number, placed: boolean): Program {
  const inputs = names.slice(0, count).map((name) => `${name}_in`);
  const walkers = [...names.slice(0, count), ...(placed ? ["target"] : [])];
  const uniforms: Field[] = [
    ...(rank > 1 ? axisFields("dims", rank) : []),
    ...walkers.flatMap((name): Field[] => [...axisFields(`${name}_strides`, rank), [`${name}_offset`, "i32"]]),
    ...(code.parameters ? [["p_0", "vec4<f32>"] satisfies Field] : []),
  ];
  const place = (name: string): string => `uniforms.${name}_offset + ${dotStrides("i", `${name}_strides`, rank)}`;
  const main = `
    ${takeApart("index", "dims", "i", rank)}
    ${names
      .slice(0, count)
      .map((name) => `let ${name} = ${name}_in[${place(name)}];`)
      .join("\n")}
    result[${placed ? place("target") : "index"}] = ${code.expression};`;
  return { key, inputs, uniforms, main, ...(code.functions !== undefined && { functions: code.functions }) };
}
