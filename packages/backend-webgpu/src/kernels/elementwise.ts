// Elementwise ops: own WGSL, exact on int32 (TF.js computes integers in f32) and with the NaN rules of the op table. Float additions,
// subtractions, products and quotients of equal shapes are TF.js's, which reads and writes four numbers at a time.
import { at, sameShape, sizeOf } from "@stria/core";
import { type ElementCode, stridedMap } from "../engine/strided-map.ts";
import { broadcastStrides } from "../engine/collapse.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import * as math from "../wgsl/math.ts";

function elementwise(code: ElementCode): Kernel {
  return (runtime, node, inputs) => {
    const aval = outputOf(node);
    const output = runtime.allocate(aval, inputs);
    const operands = inputs.map((tensor) => ({ tensor, strides: broadcastStrides(tensor.aval.shape, aval.shape) }));
    stridedMap(runtime, code, aval.shape, operands, output);
    return [output];
  };
}

/** One WGSL text for floats and another for integers. */
function byType(key: string, float: string, integer: string): Kernel {
  const floatKernel = elementwise({ key, expression: float });
  const integerKernel = elementwise({ key, expression: integer });
  return (runtime, node, inputs) =>
    (at(node.inputs, 0).dtype === "float32" ? floatKernel : integerKernel)(runtime, node, inputs);
}

function same(key: string, expression: string, functions?: string): Kernel {
  return elementwise({ key, expression, ...(functions !== undefined && { functions }) });
}

/** TF.js's kernel for float32 operands of one shape, whose number of elements is a multiple of 4; else our own. */
function vectorised(key: string, tfjsName: string, expression: string): Kernel {
  const own = elementwise({ key, expression });
  return (runtime, node, inputs) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const size = sizeOf(a.aval.shape);
    if (a.aval.dtype !== "float32" || !sameShape(a.aval.shape, b.aval.shape) || size === 0 || size % 4 !== 0)
      return own(runtime, node, inputs);
    return [runtime.runTfjs(tfjsName, { a: [a, [size]], b: [b, [size]] }, {}, outputOf(node))];
  };
}

export const add: Kernel = vectorised("add", "Add", "a + b");
export const sub: Kernel = vectorised("sub", "Sub", "a - b");
export const mul: Kernel = vectorised("mul", "Multiply", "a * b");
export const div: Kernel = vectorised("div", "RealDiv", "a / b");
export const pow: Kernel = same("pow", "power(a, b)", math.power);

const larger = "select(select(b, a, a > b || isnan(a)), b, isnan(b))";
const smaller = "select(select(b, a, a < b || isnan(a)), b, isnan(b))";
export const maximum: Kernel = byType("maximum", larger, "max(a, b)");
export const minimum: Kernel = byType("minimum", smaller, "min(a, b)");

const comparable = "!isnan(a) && !isnan(b)";
export const equal: Kernel = byType("equal", `select(0, 1, ${comparable} && a == b)`, "select(0, 1, a == b)");
export const less: Kernel = byType("less", `select(0, 1, ${comparable} && a < b)`, "select(0, 1, a < b)");
export const lessEqual: Kernel = byType("lessEqual", `select(0, 1, ${comparable} && a <= b)`, "select(0, 1, a <= b)");

export const logicalAnd: Kernel = same("logicalAnd", "a & b");
export const logicalNot: Kernel = same("logicalNot", "1 - a");
export const where: Kernel = same("where", "select(c, b, a != 0)");

export const neg: Kernel = same("neg", "-a");
export const abs: Kernel = same("abs", "abs(a)");
export const sign: Kernel = byType("sign", "select(sign(a), a, isnan(a))", "sign(a)");
export const exp: Kernel = same("exp", "exponential(a)", math.exponential);
export const log: Kernel = same("log", "logarithm(a)", math.logarithm);
export const sqrt: Kernel = same("sqrt", "select(sqrt(a), uniforms.NAN, a < 0.0 || isnan(a))");
export const sin: Kernel = same("sin", "sine(a)", math.sine);
export const cos: Kernel = same("cos", "cosine(a)", math.cosine);
export const tanh: Kernel = same("tanh", "hyperbolic_tangent(a)", math.hyperbolicTangent);
export const erf: Kernel = same("erf", "error_function(a)", math.errorFunction);
export const floor: Kernel = same("floor", "floor(a)");

export const relu: Kernel = same("relu", "select(a, 0.0, a < 0.0)");
export const sigmoid: Kernel = same("sigmoid", "1.0 / (1.0 + exponential(-a))", math.exponential);
export const log1p: Kernel = same("log1p", "logarithm_of_one_plus(a)", math.logarithmOfOnePlus);
export const expm1: Kernel = same("expm1", "exponential_minus_one(a)", math.exponentialMinusOne);
export const round: Kernel = same("round", "round(a)");
