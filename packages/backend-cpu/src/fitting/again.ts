// Computes values a second time, late, instead of keeping them from when they were first needed: memory for time, as `checkpoint` of @stria/core does
// where the user says so (Chen et al. 2016).
import { at, type Graph, type GraphNode, resultValues } from "@stria/core";

/** A graph whose nodes behind `boundary` read nothing from before it but what is kept. */
export interface Split {
  readonly graph: Graph;
  /** The last node of the first part. */
  readonly boundary: number;
}

/** For each value, the node that makes it; -1 for inputs and constants. */
export function producersOf(graph: Graph): number[] {
  const producers = graph.values.map(() => -1);
  graph.nodes.forEach((node, index) => {
    for (const output of node.outputs) producers[output] = index;
  });
  return producers;
}

/**
 * The same results, with copies of the nodes that make what is not kept, each right before its first reader behind the boundary. The nodes up to the
 * boundary stay where they are.
 */
export function computedAgain({ graph, boundary }: Split, isKept: (value: number) => boolean): Graph {
  const producers = producersOf(graph);
  const results = new Set(resultValues(graph));
  const values = [...graph.values];
  const nodes: GraphNode[] = graph.nodes.slice(0, boundary + 1);
  const copies = new Map<number, number>();
  const late = (value: number): number => {
    const producer = at(producers, value);
    if (producer < 0 || producer > boundary || results.has(value) || isKept(value)) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const node = at(graph.nodes, producer);
    const inputs = node.inputs.map(late);
    const outputs = node.outputs.map((output) => values.push(at(graph.values, output)) - 1);
    nodes.push({ ...node, inputs, outputs });
    node.outputs.forEach((output, place) => copies.set(output, at(outputs, place)));
    return at(outputs, node.outputs.indexOf(value));
  };
  for (const node of graph.nodes.slice(boundary + 1)) {
    const inputs = node.inputs.map(late);
    nodes.push({ ...node, inputs });
  }
  return { ...graph, values, nodes };
}
