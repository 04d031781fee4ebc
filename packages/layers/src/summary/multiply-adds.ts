// Multiply-adds of a graph's convolutions and dense products, by the place where they are made.
import { type Graph, type GraphNode, at, sizeOf } from "@stria/core";

/** Values that are made of parameters (and constants) alone: weights, whatever was done to them. */
function weightsOf(graph: Graph): ReadonlySet<number> {
  const fixed = new Set(graph.constants.map(({ value }) => value));
  const weights = new Set<number>();
  for (const { value, role } of graph.inputs) {
    if (role === "param") weights.add(value);
    if (role === "state") fixed.add(value);
  }
  for (const { inputs, outputs } of graph.nodes) {
    if (!inputs.every((value) => weights.has(value) || fixed.has(value))) continue;
    const kind = inputs.some((value) => weights.has(value)) ? weights : fixed;
    for (const output of outputs) kind.add(output);
  }
  return weights;
}

function countOf(graph: Graph, { op, inputs, outputs, attrs }: GraphNode, weights: ReadonlySet<number>): number {
  const shape = (list: readonly number[], index: number): readonly number[] => at(graph.values, at(list, index)).shape;
  switch (op.name) {
    case "conv":
      return sizeOf(shape(outputs, 0)) * sizeOf(shape(inputs, 1).slice(1));
    case "convTranspose":
      return sizeOf(shape(inputs, 0)) * sizeOf(shape(inputs, 1).slice(1));
    case "matmul": {
      const [left, right] = [weights.has(at(inputs, 0)), weights.has(at(inputs, 1))];
      if (left === right) return 0; // of two weights, or of no weight: no dense layer
      return sizeOf(shape(outputs, 0)) * (shape(inputs, 0).at(attrs["transposeA"] === true ? -2 : -1) ?? 0);
    }
    default:
      return 0;
  }
}

/** Multiply-adds by site; those made in no layer under "". */
export function multiplyAddsBySite(graph: Graph): ReadonlyMap<string, number> {
  const weights = weightsOf(graph);
  const counts = new Map<string, number>();
  for (const node of graph.nodes) {
    const count = countOf(graph, node, weights);
    if (count > 0) counts.set(node.site ?? "", (counts.get(node.site ?? "") ?? 0) + count);
  }
  return counts;
}
