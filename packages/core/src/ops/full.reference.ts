// full.
import { toStored } from "../tensor/dtype.ts";
import { newOutput, numberAttribute, outputDType } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";

export const fullReference: Reference = (_, node) => [
  newOutput(node).fill(toStored(outputDType(node), numberAttribute(node, "value"))),
];
