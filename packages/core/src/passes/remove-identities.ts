// identity and stopGradient mean something while a function is traced and differentiated; afterwards they are their input.
import { at } from "../aval.ts";
import type { Graph } from "../graph.ts";
import { type Pruned, prune } from "./prune.ts";

const transparent: ReadonlySet<string> = new Set(["identity", "stopGradient"]);

/** The graph without nodes whose output is their input. */
export function removeIdentities(graph: Graph): Pruned {
  const standIn = [...graph.values.keys()];
  const nodes = [...graph.nodes.keys()].filter((index) => {
    const node = at(graph.nodes, index);
    if (!transparent.has(node.op.name)) return true;
    standIn[at(node.outputs, 0)] = at(standIn, at(node.inputs, 0));
    return false;
  });
  return prune(graph, { nodes, standIn });
}
