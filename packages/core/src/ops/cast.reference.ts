// cast. Floats are truncated; what an integer type cannot hold becomes its nearest value, NaN 0, as WebAssembly and WGSL have it.
import { at } from "../tensor/aval.ts";
import { type DType, toNumbers } from "../tensor/dtype.ts";
import { float16ToBits } from "../tensor/float16.ts";
import { unary } from "../reference/elementwise.ts";
import { outputDType } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

function saturate(least: number, most: number): Reference {
  return unary((x) => Math.min(Math.max(Math.trunc(x), least), most));
}

const toBool: Reference = unary((x) => (x === 0 ? 0 : 1));
const toInt32: Reference = saturate(-(2 ** 31), 2 ** 31 - 1);
const toUint8: Reference = saturate(0, 255);
const toFloat16: Reference = unary(float16ToBits);
const stored: Reference = unary((x) => x);

export const castReference: Reference = (inputs, node) => {
  const to = outputDType(node);
  const { dtype: from } = at(node.inputs, 0);
  if (from === "float16") return castNumbers(to, true, [toNumbers(from, at(inputs, 0))], node);
  return castNumbers(to, from === "float32", inputs, node);
};

function castNumbers(
  to: DType,
  isFloat: boolean,
  inputs: Parameters<Reference>[0],
  node: Parameters<Reference>[1],
): ReturnType<Reference> {
  if (to === "bool") return toBool(inputs, node);
  if (to === "float16") return toFloat16(inputs, node);
  if (!isFloat) return stored(inputs, node);
  return (to === "int32" ? toInt32 : to === "uint8" ? toUint8 : stored)(inputs, node);
}
