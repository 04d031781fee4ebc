// What an elementwise kernel computes at each point: a list of nodes, each from operands or earlier nodes.
import type { DType } from "@stria/core";

/** What a value is in a vector register: four floats, four integers (int32, uint8, and the bits of float16), or four masks of all ones or zeros (bool). */
export type Register = "float" | "integer" | "mask";

export type UnaryFloat =
  | "neg"
  | "abs"
  | "sign"
  | "exp"
  | "log"
  | "sqrt"
  | "sin"
  | "cos"
  | "tanh"
  | "erf"
  | "floor"
  | "sigmoid"
  | "relu"
  | "log1p"
  | "expm1"
  | "round";
export type BinaryArithmetic = "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum";
export type Comparison = "equal" | "less" | "lessEqual";

export type Expression =
  | { readonly op: "load"; readonly operand: number; readonly dtype: DType }
  | { readonly op: "constant"; readonly value: number; readonly dtype: DType }
  | {
      readonly op: UnaryFloat | "logicalNot" | BinaryArithmetic | Comparison | "logicalAnd" | "where" | "cast";
      readonly inputs: readonly number[];
      readonly dtype: DType;
    };

export type ExpressionOp = Exclude<Expression["op"], "load" | "constant">;

/** Functions that are loaded on demand. */
export type RareOp = "pow" | "exp" | "sigmoid" | "log1p" | "expm1" | "sin" | "cos" | "tanh" | "erf";

export const rareOps: ReadonlySet<string> = new Set<RareOp | "sign">([
  "sign",
  "pow",
  "exp",
  "sigmoid",
  "log1p",
  "expm1",
  "sin",
  "cos",
  "tanh",
  "erf",
]);

export function registerOf(dtype: DType): Register {
  if (dtype === "float32") return "float";
  return dtype === "bool" ? "mask" : "integer";
}

/** A short text that is equal for equal lists. */
export function expressionKey(expressions: readonly Expression[]): string {
  return expressions
    .map((node) => {
      if (node.op === "load") return `${node.dtype}@${node.operand}`;
      if (node.op === "constant") return `${node.dtype}=${Object.is(node.value, -0) ? "-0" : node.value}`;
      return `${node.op}:${node.dtype}(${node.inputs.join()})`;
    })
    .join(";");
}
