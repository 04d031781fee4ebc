// iota: an array of the indices along one axis, broadcast along the others.
import { newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import { offsets } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const iotaReference: Reference = (_, node) => {
  const shape = outputShape(node);
  const axis = numberAttribute(node, "axis");
  const y = newOutput(node);
  y.set(
    offsets(
      shape,
      shape.map((_length, index) => (index === axis ? 1 : 0)),
    ),
  );
  return [y];
};
