// flip: along the axes named, the walk starts at the end and goes backwards.
import { at, stridesOf } from "../tensor/aval.ts";
import { inputShape, listAttribute, newOutput } from "../reference/node.ts";
import { offsets, take } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const flipReference: Reference = (inputs, node) => {
  const shape = inputShape(node);
  const axes = listAttribute(node, "axes");
  const strides = stridesOf(shape);
  const where = offsets(
    shape,
    strides.map((step, axis) => (axes.includes(axis) ? -step : step)),
    axes.reduce((sum, axis) => sum + at(strides, axis) * (at(shape, axis) - 1), 0),
  );
  return [take(at(inputs, 0), where, newOutput(node))];
};
