// mul. Products of int32 wrap: in float64 they would lose their last digits.
import { binary } from "../reference/elementwise.ts";
import { outputDType } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

const ofFloats: Reference = binary((a, b) => a * b);
const ofIntegers: Reference = binary(Math.imul);

export const mulReference: Reference = (inputs, node) =>
  (outputDType(node) === "int32" ? ofIntegers : ofFloats)(inputs, node);
