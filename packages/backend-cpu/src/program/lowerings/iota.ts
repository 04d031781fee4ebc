// Numbers that count the places of an axis.
import { allocate, at, bytesOf, sizeOf, type GraphNode } from "@stria/core";
import { numberOf } from "../classify.ts";
import type { Lowering } from "../lower.ts";

/** One axis of numbers, seen through a view that repeats it along the others. */
export function iota(l: Lowering, node: GraphNode): void {
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const axis = numberOf(node.attrs, "axis");
  const length = at(shape, axis);
  const line = l.builder.table(`iota ${dtype} ${length}`, () => {
    const data = allocate(dtype, length);
    for (let index = 0; index < length; index++) data[index] = index;
    return data;
  });
  const view = { shape, strides: shape.map((_, k) => (k === axis ? 1 : 0)), offset: 0 };
  if (sizeOf(shape) * bytesOf(dtype) > 0) l.copy(line, view, l.buffer(output), l.whole(output), dtype);
}
