// prod. Products of int32 wrap.
import { at } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput, outputDType } from "../reference/node.ts";
import { lanes } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const prodReference: Reference = (inputs, node) => {
  const x = at(inputs, 0);
  const y = newOutput(node);
  const times = outputDType(node) === "int32" ? Math.imul : (a: number, b: number): number => a * b;
  const { starts, steps } = lanes(inputShape(node), listAttribute(node, "axes"));
  for (const [i, start] of starts.entries()) {
    let product = 1;
    for (const step of steps) product = times(product, at(x, start + step));
    y[i] = product;
  }
  return [y];
};
