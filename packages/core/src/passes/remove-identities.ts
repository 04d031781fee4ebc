// Some ops mean something while a function is traced and differentiated (identity, stopGradient, functions with a gradient of their own); afterwards
// their outputs are their last inputs.
import { at } from "../tensor/aval.ts";
import type { Graph } from "../graph/graph.ts";
import { type Pruned, prune } from "./prune.ts";

const transparent: ReadonlySet<string> = new Set(["identity", "stopGradient", "ownGradient"]);

/** The graph without nodes whose outputs are their last inputs. */
export function removeIdentities(graph: Graph): Pruned {
  const standIn = [...graph.values.keys()];
  const nodes = [...graph.nodes.keys()].filter((position) => {
    const node = at(graph.nodes, position);
    if (!transparent.has(node.op.name)) return true;
    const skipped = node.inputs.length - node.outputs.length;
    for (const [index, value] of node.outputs.entries()) standIn[value] = at(standIn, at(node.inputs, skipped + index));
    return false;
  });
  return prune(graph, { nodes, standIn });
}
