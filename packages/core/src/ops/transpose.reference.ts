// transpose.
import { at, stridesOf } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput, outputShape } from "../reference/node.ts";
import { offsets, take } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const transposeReference: Reference = (inputs, node) => {
  const strides = stridesOf(inputShape(node));
  const where = offsets(
    outputShape(node),
    listAttribute(node, "permutation").map((axis) => at(strides, axis)),
  );
  return [take(at(inputs, 0), where, newOutput(node))];
};
