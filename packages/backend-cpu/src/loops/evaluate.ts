// Emits the vector code of an expression list: one rule an op, four elements at a time.
import { at, toStored, type DType } from "@stria/core";
import { rareOps, registerOf, type Expression, type ExpressionOp, type RareOp, type Register } from "./expression.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { functions } from "../parts/index.ts";
import { log } from "./functions.ts";
import type { Push, VectorMath } from "./vector.ts";

/** Operands, and the registers that they and the result are in. */
interface Context {
  readonly v: VectorMath;
  readonly from: Register;
  readonly source: DType;
  readonly dtype: DType;
}

type Rule = (context: Context, a: Push, b: Push, c: Push) => Push;

const float =
  (rule: (v: VectorMath, a: Push, b: Push) => Push): Rule =>
  ({ v }, a, b) =>
    rule(v, a, b);

const rare =
  (name: RareOp): Rule =>
  ({ v }, a, b) =>
    functions.module[name](v, a, b);

const arithmetic =
  (name: "add" | "sub" | "mul" | "neg" | "abs"): Rule =>
  ({ v, from }, a, b) =>
    v.op(`${from === "float" ? "f32x4" : "i32x4"}.${name}`, ...(name === "neg" || name === "abs" ? [a] : [a, b]));

const rules: Readonly<Record<ExpressionOp, Rule>> = {
  neg: arithmetic("neg"),
  abs: arithmetic("abs"),
  add: arithmetic("add"),
  sub: arithmetic("sub"),
  mul: arithmetic("mul"),
  div: float((v, a, b) => v.div(a, b)),
  pow: rare("pow"),
  maximum: ({ v, from }, a, b) => (from === "float" ? v.max(a, b) : v.op("i32x4.max_s", a, b)),
  minimum: ({ v, from }, a, b) => (from === "float" ? v.min(a, b) : v.op("i32x4.min_s", a, b)),
  sign: ({ v, from }, a) => functions.module.sign(v, a, from),
  exp: rare("exp"),
  log: float(log),
  log1p: rare("log1p"),
  expm1: rare("expm1"),
  sqrt: float((v, a) => v.op("f32x4.sqrt", a)),
  sin: rare("sin"),
  cos: rare("cos"),
  tanh: rare("tanh"),
  erf: rare("erf"),
  sigmoid: rare("sigmoid"),
  floor: float((v, a) => v.op("f32x4.floor", a)),
  round: float((v, a) => v.op("f32x4.nearest", a)),
  // pmax is one instruction where max is several, and keeps NaN in its first operand.
  relu: float((v, a) => v.op("f32x4.pmax", a, v.float(0))),
  equal: ({ v, from }, a, b) => v.op(from === "float" ? "f32x4.eq" : "i32x4.eq", a, b),
  // As masks true is -1, so the order of bools is turned round.
  less: ({ v, from }, a, b) =>
    v.op(from === "float" ? "f32x4.lt" : from === "mask" ? "i32x4.gt_s" : "i32x4.lt_s", a, b),
  lessEqual: ({ v, from }, a, b) =>
    v.op(from === "float" ? "f32x4.le" : from === "mask" ? "i32x4.ge_s" : "i32x4.le_s", a, b),
  logicalAnd: ({ v }, a, b) => v.op("v128.and", a, b),
  logicalNot: ({ v }, a) => v.op("v128.not", a),
  where: ({ v }, condition, a, b) => v.choose(condition, a, b),
  cast: convert,
};

function convert(context: Context, a: Push): Push {
  const { v, source, dtype } = context;
  if (source === dtype) return a;
  if (source === "float16") {
    if (dtype === "bool") return v.op("i32x4.ne", v.op("v128.and", a, v.integer(0x7fff)), v.integer(0));
    return convertNumbers({ ...context, from: "float" }, functions.module.fromFloat16(v, a));
  }
  if (dtype === "float16") return functions.module.toFloat16(v, convertNumbers({ ...context, dtype: "float32" }, a));
  return convertNumbers(context, a);
}

function convertNumbers({ v, from, dtype }: Context, a: Push): Push {
  const to = registerOf(dtype);
  if (to === "mask") {
    if (from === "mask") return a;
    return from === "float" ? v.op("f32x4.ne", a, v.float(0)) : v.op("i32x4.ne", a, v.integer(0));
  }
  if (to === "float") {
    if (from === "float") return a;
    return from === "mask" ? v.op("v128.and", a, v.float(1)) : v.op("f32x4.convert_i32x4_s", a);
  }
  const integer =
    from === "float" ? v.op("i32x4.trunc_sat_f32x4_s", a) : from === "mask" ? v.op("v128.and", a, v.integer(1)) : a;
  if (dtype !== "uint8" || from === "mask") return integer;
  // Floats saturate, int32 keeps its low 8 bits.
  return from === "float"
    ? v.op("i32x4.max_s", v.op("i32x4.min_s", integer, v.integer(255)), v.integer(0))
    : v.op("v128.and", integer, v.integer(255));
}

function constant(v: VectorMath, value: number, dtype: DType): Push {
  if (dtype === "float32") return v.float(value);
  if (dtype === "bool") return v.integer(value === 0 ? 0 : -1);
  return v.integer(toStored(dtype, value));
}

/** What has to be loaded before expressions are emitted. */
export function partOf(expressions: readonly Expression[]): Pick<Kernel, "part"> {
  return expressions.some(({ op, dtype }) => dtype === "float16" || rareOps.has(op)) ? { part: functions } : {};
}

/** Emits all nodes; `load` pushes an operand. Returns the value of each node, in a local. */
export function evaluate(v: VectorMath, expressions: readonly Expression[], load: (operand: number) => void): Push[] {
  const values: Push[] = [];
  for (const node of expressions) {
    if (node.op === "load") values.push(v.keep(() => load(node.operand)));
    else if (node.op === "constant") values.push(constant(v, node.value, node.dtype));
    else {
      const inputs = node.inputs.map((input) => at(values, input));
      const first = at(expressions, at(node.inputs, 0));
      const a = at(inputs, 0);
      const exponent = node.op === "pow" ? expressions[node.inputs[1] ?? -1] : undefined;
      const power = exponent?.op === "constant" ? functions.module.constantPower(exponent.value) : undefined;
      if (power) {
        values.push(v.keep(power(v, a)));
        continue;
      }
      const context = { v, from: registerOf(first.dtype), source: first.dtype, dtype: node.dtype };
      values.push(v.keep(rules[node.op](context, a, inputs[1] ?? a, inputs[2] ?? a)));
    }
  }
  return values;
}
