// Elementwise ops. ONNX Runtime broadcasts them and follows IEEE 754 for NaN; what its types lack is cast, exactly.
import { type DType, at } from "@stria/core";
import { dtypeOf } from "../attributes.ts";
import { type Rule, type Translation, broadcastOperands, nameOf } from "../translation.ts";

function direct(opType: string): Rule {
  return { translate: (translation) => [translation.writer.node(opType, broadcastOperands(translation))] };
}

/** An op that a type must be cast for and, where `back`, whose result is cast back. */
function castTo(
  opType: string,
  table: Partial<Readonly<Record<DType, "int32" | "uint8" | "float32">>>,
  back: boolean,
): Rule {
  return {
    translate(translation) {
      const { writer, inputs } = translation;
      const dtype = at(inputs, inputs.length - 1).aval.dtype;
      const operands = broadcastOperands(translation);
      const to = table[dtype];
      if (to === undefined) return [writer.node(opType, operands)];
      const first = inputs.length - 2; // `where` has its condition in front
      const result = writer.node(
        opType,
        operands.map((name, index) => (index < first ? name : writer.cast(name, to))),
      );
      return [back ? writer.cast(result, dtype) : result];
    },
  };
}

// Runtimes approximate the logistic function near 0 absolutely, so that small results have no right digits.
function sigmoid(translation: Translation): string[] {
  const { writer, exact } = translation;
  const x = nameOf(translation, 0);
  if (!exact) return [writer.node("Sigmoid", [x])];
  const grown = writer.node("Exp", [writer.node("Neg", [x])]);
  return [writer.node("Reciprocal", [writer.node("Add", [grown, writer.scalar("float32", 1)])])];
}

// What uint8 cannot hold becomes its nearest value; the other casts of runtimes agree with Stria's.
function cast(translation: Translation): string[] {
  const { writer, attrs, inputs, exact } = translation;
  const to = dtypeOf(attrs, "dtype");
  const { dtype: from } = at(inputs, 0).aval;
  // To and from float16 by way of float32, which holds it exactly: of other ways runtimes know fewer.
  const through = exact && (from === "float16" || to === "float16") && from !== "float32";
  const x = through ? writer.cast(nameOf(translation, 0), "float32") : nameOf(translation, 0);
  if (through && to === "float32") return [x];
  if (!exact || to !== "uint8" || !(through || from === "float32")) return [writer.cast(x, to)];
  return [writer.cast(writer.node("Clip", [x, writer.scalar("float32", 0), writer.scalar("float32", 255)]), to)];
}

type ElementwiseOp =
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
  | "round"
  | "relu"
  | "sigmoid"
  | "logicalNot"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "pow"
  | "maximum"
  | "minimum"
  | "equal"
  | "less"
  | "lessEqual"
  | "logicalAnd"
  | "where"
  | "cast";

export const elementwise: Readonly<Record<ElementwiseOp, Rule>> = {
  neg: direct("Neg"),
  abs: direct("Abs"),
  sign: direct("Sign"),
  exp: direct("Exp"),
  log: direct("Log"),
  sqrt: direct("Sqrt"),
  sin: direct("Sin"),
  cos: direct("Cos"),
  tanh: direct("Tanh"),
  erf: direct("Erf"),
  floor: direct("Floor"),
  round: direct("Round"),
  relu: direct("Relu"),
  sigmoid: { translate: sigmoid },
  logicalNot: direct("Not"),
  add: direct("Add"),
  sub: direct("Sub"),
  mul: direct("Mul"),
  div: direct("Div"),
  pow: direct("Pow"),
  maximum: direct("Max"),
  minimum: direct("Min"),
  equal: direct("Equal"),
  less: castTo("Less", { bool: "int32" }, false),
  lessEqual: castTo("LessOrEqual", { bool: "int32" }, false),
  logicalAnd: direct("And"),
  where: castTo("Where", { bool: "uint8", float16: "float32" }, true),
  cast: { translate: cast },
};
