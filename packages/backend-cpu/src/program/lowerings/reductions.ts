// How a unit of reductions becomes steps: one pass over the elementwise nodes that feed them.
import { at } from "@stria/core";
import type { Reduction } from "../../loops/reduce-spec.ts";
import { numbers } from "../classify.ts";
import { ExpressionBuilder } from "../elementwise.ts";
import type { Lowering } from "../lower.ts";
import { memoryAxes } from "../order.ts";
import { addReduction } from "../reduction.ts";
import { computedBy, reductionsOf, type Unit } from "../unit.ts";

function isReduction(name: string): name is Reduction {
  return name === "sum" || name === "prod" || name === "max";
}

/** Adds the steps of a unit of reductions. */
export function lowerReduction(l: Lowering, unit: Unit): void {
  const { graph, classified: c } = l;
  const own = reductionsOf(c, unit);
  const nodes = own.map((index) => at(graph.nodes, index));
  const { op, attrs, inputs, outputs } = at(nodes, 0);
  if (!isReduction(op.name)) throw new Error(`${op.name} is no reduction`);
  const shape = l.shapeOf(at(inputs, 0));
  const expressions = new ExpressionBuilder(c, shape, (root) => l.buffer(root));
  for (const index of computedBy(unit)) if (!own.includes(index)) expressions.node(index);
  const results = nodes.map((node) => ({
    expression: expressions.operand(at(node.inputs, 0)),
    target: l.buffer(at(node.outputs, 0)),
  }));
  const output = at(outputs, 0);
  const axes = numbers(attrs, "axes");
  const stay = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const rank = l.shapeOf(output).length;
  const kept =
    rank === shape.length
      ? memoryAxes(rank, l.orderOf(output)).filter((axis) => stay.includes(axis))
      : memoryAxes(rank, l.orderOf(output)).map((place) => at(stay, place));
  const { reads, expressions: list } = expressions;
  const { dtype } = at(graph.values, output);
  addReduction(l.builder, { reduction: op.name, dtype, shape, axes, kept, reads, expressions: list, results });
}
