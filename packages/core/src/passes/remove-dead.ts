// Dead code: what no result depends on.
import { at } from "../tensor/aval.ts";
import { type Graph, resultValues } from "../graph/graph.ts";
import { type Pruned, prune } from "./prune.ts";

export interface DeadCodeOptions {
  /** Keep inputs that nothing reads, for a caller that binds them by position. Default false. */
  readonly keepInputs?: boolean;
}

/** The graph without nodes, constants and inputs that no result needs. Inputs that writebacks go to are needed. */
export function removeDead(graph: Graph, { keepInputs = false }: DeadCodeOptions = {}): Pruned {
  const live = new Set(resultValues(graph));
  for (const { to } of graph.writebacks) live.add(to);
  const nodes: number[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = at(graph.nodes, index);
    if (!node.outputs.some((value) => live.has(value))) continue;
    for (const value of node.inputs) live.add(value);
    nodes.push(index);
  }
  const liveOnes = (list: readonly { readonly value: number }[]): number[] =>
    [...list.keys()].filter((index) => live.has(at(list, index).value));
  return prune(graph, {
    nodes: nodes.toReversed(),
    constants: liveOnes(graph.constants),
    ...(!keepInputs && { inputs: liveOnes(graph.inputs) }),
  });
}
