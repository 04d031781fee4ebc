// Constant folding: a node whose operands are each one repeated number is a repeated number, computed here. Only what float64 arithmetic rounds as IEEE 754
// float32 does (sums, products, quotients, roots: Figueroa 1995), so that the bits are those of every executor; and what moves elements.
import { type DType, fromStored, toStored } from "../tensor/dtype.ts";
import type { Graph } from "../graph/graph.ts";
import { untyped } from "../op.ts";
import { fullOp } from "../ops/full.ts";
import type { Pruned } from "./prune.ts";
import { replaceNodes } from "./replace-nodes.ts";

type Arithmetic = (a: number, b: number) => number;

/** Of floats; rounded afterwards. */
const real: Readonly<Record<string, Arithmetic>> = {
  neg: (a) => -a,
  abs: Math.abs,
  floor: Math.floor,
  sqrt: Math.sqrt,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};

/** Of int32; wrapped around afterwards. */
const whole: Readonly<Record<string, Arithmetic>> = { ...real, mul: Math.imul };

const either: Readonly<Record<string, Arithmetic>> = {
  maximum: Math.max,
  minimum: Math.min,
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
  logicalAnd: (a, b) => a & b,
  logicalNot: (a) => 1 - a,
};

const moving: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcastTo", "slice", "flip"]);

function castTo(dtype: DType, from: DType, a: number): number {
  if (dtype === "bool") return a === 0 ? 0 : 1;
  if (dtype === "float32" || dtype === "float16") return fromStored(dtype, toStored(dtype, a));
  if (from !== "float32" && from !== "float16") return dtype === "uint8" ? a & 255 : a;
  const [least, most] = dtype === "uint8" ? [0, 255] : [-(2 ** 31), 2 ** 31 - 1];
  return Number.isNaN(a) ? 0 : Math.min(Math.max(Math.trunc(a), least), most);
}

/** The number that a node's elements are, given those of its operands; undefined where it is not one number, or not known. */
function folded(
  name: string,
  attrs: Readonly<Record<string, unknown>>,
  operands: readonly number[],
  from: DType,
  to: DType,
): number | undefined {
  const [a = 0, b = 0] = operands;
  if (moving.has(name)) return a;
  if (name === "cast") return castTo(to, from, a);
  if (name === "pad") return Object.is(attrs["value"], a) ? a : undefined;
  if (name === "concat") return operands.every((operand) => Object.is(operand, a)) ? a : undefined;
  const rule = either[name] ?? (from === "float32" ? real : whole)[name];
  if (!rule) return undefined;
  const exact = rule(a, b);
  return to === "float32" ? Math.fround(exact) : exact | 0;
}

/** The graph in which nodes of constants are constants. */
export function foldConstants(graph: Graph): Pruned {
  return replaceNodes(graph, ({ node, inputs, output, avalOf, literal }) => {
    const [first] = inputs;
    if (first === undefined) return undefined;
    const operands: number[] = [];
    for (const input of inputs) {
      const known = literal(input);
      if (known === undefined) return undefined;
      operands.push(known);
    }
    const value = folded(node.op.name, node.attrs, operands, avalOf(first).dtype, output.dtype);
    if (value === undefined) return undefined;
    return { op: untyped(fullOp), inputs: [], attrs: { shape: output.shape, value, dtype: output.dtype } };
  });
}
