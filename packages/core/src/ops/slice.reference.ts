// slice.
import { at, stridesOf } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput, outputShape } from "../reference/node.ts";
import { offsets, take } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const sliceReference: Reference = (inputs, node) => {
  const strides = stridesOf(inputShape(node));
  const [start, stride] = [listAttribute(node, "start"), listAttribute(node, "stride")];
  const where = offsets(
    outputShape(node),
    strides.map((step, axis) => step * at(stride, axis)),
    strides.reduce((sum, step, axis) => sum + step * at(start, axis), 0),
  );
  return [take(at(inputs, 0), where, newOutput(node))];
};
