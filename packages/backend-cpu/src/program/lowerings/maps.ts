// How a unit of elementwise nodes becomes a step: one pass that writes what others read of it.
import { at } from "@stria/core";
import { isItself } from "../classify.ts";
import { addMap, ExpressionBuilder } from "../elementwise.ts";
import type { Lowering } from "../lower.ts";
import { isSameInAnyOrder } from "../order.ts";
import { computedBy, type Unit } from "../unit.ts";
import { lowerCopy } from "./copies.ts";

/** Adds the steps of an elementwise unit. */
export function lowerMap(l: Lowering, unit: Unit): void {
  const { graph, classified: c } = l;
  const first = at(graph.nodes, at(unit.nodes, 0));
  const output = at(first.outputs, 0);
  if (at(c.kinds, at(unit.nodes, 0)) === "copy") return lowerCopy(l, at(first.inputs, 0), output);
  const shape = l.shapeOf(output);
  const expressions = new ExpressionBuilder(c, shape, (root) => l.buffer(root));
  const writes = computedBy(unit).flatMap((index) => {
    const value = at(at(graph.nodes, index).outputs, 0);
    const expression = expressions.node(index);
    return l.grouping.stored.has(value) && unit.nodes.includes(index)
      ? [{ buffer: l.buffer(value), dtype: at(graph.values, value).dtype, view: l.whole(value), expression }]
      : [];
  });
  addMap(l.builder, shape, expressions.reads, expressions.expressions, writes);
  noteTurned(l, unit, at(unit.nodes, unit.nodes.length - 1));
}

/** Notes what an elementwise unit reads across the order in which it writes. */
function noteTurned(l: Lowering, unit: Unit, last: number): void {
  const { graph, classified: c } = l;
  const to = l.orderOf(at(at(graph.nodes, last).outputs, 0));
  const read = new Set(unit.nodes.flatMap((index) => at(graph.nodes, index).inputs));
  for (const value of read)
    if (isItself(c, value) && l.orderOf(at(c.sources, value).root) !== to)
      if (!isSameInAnyOrder(l.shapeOf(value))) l.noteTurned(value, to);
}
