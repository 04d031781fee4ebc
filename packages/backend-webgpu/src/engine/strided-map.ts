// One WGSL generator for everything elementwise and everything that only moves data: each operand and the output is walked by its own
// strides, so broadcasting, transposition, slicing and flipping are only numbers in uniforms, for any rank.
import { type Shape, at, sizeOf, stridesOf } from "@stria/core";
import type { Program } from "../program.ts";
import type { Runtime } from "../runtime.ts";
import { type DeviceTensor, wgslType } from "../tensor.ts";
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

/** How one operand, or the output, is walked by the threads. */
interface Walk {
  readonly strides: readonly number[];
  readonly offset: number;
  /** Whether a thread reads four neighbours at once. */
  readonly quad: boolean;
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
  if (threads === 0) return;
  const all = [...operands.map((operand) => operand.strides), target?.strides ?? stridesOf(shape)];
  const { dims, strides } = collapse(shape, all);
  const walks = operands.map((operand, k) => ({ strides: at(strides, k), offset: operand.offset ?? 0, quad: false }));
  const inner = at(dims, dims.length - 1);
  const quads = !target && inner % 4 === 0 ? walks.map(byFours) : [];
  const fast = quads.length > 0 && quads.every((walk) => walk !== undefined);
  const walked = fast ? quads.filter((walk) => walk !== undefined) : walks;
  if (target) walked.push({ strides: at(strides, operands.length), offset: target.offset, quad: false });
  const inputs = operands.map((operand) => operand.tensor);
  const types = [...inputs, output].map((tensor) => wgslType(tensor.aval.dtype));
  const quadFlags = walked.map((walk) => (walk.quad ? 4 : 1)).join("");
  const key = `map ${code.key} ${types.join()} ${dims.length} ${fast ? quadFlags : ""} ${target ? "placed" : ""}`;
  const program = remembered(key, () => mapProgram(key, code, types, dims.length, walked, fast));
  runtime.run(program, inputs, output, fast ? threads / 4 : threads, [
    ...(dims.length > 1 ? axisValues(fast ? dims.with(dims.length - 1, inner / 4) : dims) : []),
    ...walked.flatMap((walk) => [...axisValues(walk.strides), [walk.offset]]),
    ...(code.parameters ? [[0, 1, 2, 3].map((k) => code.parameters?.[k] ?? 0)] : []),
  ]);
}

/** The walk of a thread that does four neighbours along the last axis, if they are neighbours in memory too, or one number. */
function byFours({ strides, offset }: Walk): Walk | undefined {
  const last = at(strides, strides.length - 1);
  if (last === 0) return { strides, offset, quad: false };
  const outer = strides.slice(0, -1);
  if (last !== 1 || [offset, ...outer].some((step) => step % 4 !== 0)) return undefined;
  return { strides: [...outer.map((step) => step / 4), 1], offset: offset / 4, quad: true };
}

function mapProgram(
  key: string,
  code: ElementCode,
  types: readonly string[],
  rank: number,
  walks: readonly Walk[],
  fast: boolean,
): Program {
  const letters = names.slice(0, types.length - 1);
  const placed = walks.length > letters.length;
  const walkers = placed ? [...letters, "target"] : letters;
  const type = at(types, letters.length);
  const place = (name: string): string => `uniforms.${name}_offset + ${dotStrides("i", `${name}_strides`, rank)}`;
  const lanes = fast ? [0, 1, 2, 3] : [];
  const quad = (k: number): boolean => at(walks, k).quad;
  const calls = lanes.map(
    (lane) => `element(${letters.map((name, k) => (quad(k) ? `${name}[${lane}]` : name)).join(", ")})`,
  );
  const element = `fn element(${letters.map((name, k) => `${name} : ${at(types, k)}`).join(", ")}) -> ${type} { return ${code.expression}; }`;
  const uniforms: Field[] = [
    ...(rank > 1 ? axisFields("dims", rank) : []),
    ...walkers.flatMap((name): Field[] => [...axisFields(`${name}_strides`, rank), [`${name}_offset`, "i32"]]),
    ...(code.parameters ? [["p_0", "vec4<f32>"] satisfies Field] : []),
  ];
  return {
    key,
    inputs: letters.map((name) => `${name}_in`),
    uniforms,
    ...(fast && { components: { result: 4, inputs: letters.map((_, k) => (quad(k) ? 4 : 1)) } }),
    functions: `${code.functions ?? ""} ${fast ? element : ""}`,
    main: `
      ${takeApart("index", "dims", "i", rank)}
      ${letters.map((name) => `let ${name} = ${name}_in[${place(name)}];`).join("\n")}
      result[${placed ? place("target") : "index"}] = ${fast ? `vec4<${type}>(${calls.join(", ")})` : code.expression};`,
  };
}
