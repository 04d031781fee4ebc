// Common subexpressions: nodes of one op with equal inputs and attributes compute the same, so one of them does.
import { attributesKey } from "../graph/attributes-key.ts";
import { at } from "../tensor/aval.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import type { Op } from "../op.ts";
import { type Pruned, prune } from "./prune.ts";

/** The graph in which equal nodes are one. */
export function shareEqualNodes(graph: Graph): Pruned {
  const standIn = [...graph.values.keys()];
  const known = new Map<Op, Map<string, GraphNode>>();
  const nodes = [...graph.nodes.keys()].filter((index) => {
    const node = at(graph.nodes, index);
    const key = `${node.inputs.map((value) => at(standIn, value)).join()} ${attributesKey(node.attrs)}`;
    const twins = known.get(node.op) ?? new Map<string, GraphNode>();
    known.set(node.op, twins);
    const twin = twins.get(key);
    if (!twin) {
      twins.set(key, node);
      return true;
    }
    for (const [position, value] of node.outputs.entries()) standIn[value] = at(twin.outputs, position);
    return false;
  });
  return prune(graph, { nodes, standIn });
}
