// concat: each input is written into its part of the output.
import { at, stridesOf } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import { offsets } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const concatReference: Reference = (inputs, node) => {
  const axis = numberAttribute(node, "axis");
  const strides = stridesOf(outputShape(node));
  const y = newOutput(node);
  let start = 0;
  for (const [index, input] of inputs.entries()) {
    const shape = inputShape(node, index);
    for (const [i, where] of offsets(shape, strides, start * at(strides, axis)).entries()) y[where] = at(input, i);
    start += at(shape, axis);
  }
  return [y];
};
