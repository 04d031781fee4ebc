// Removes what a backend need not see: identities, equal nodes, and nodes, constants and inputs that nothing uses.
import { at } from "../aval.ts";
import type { Graph } from "../graph.ts";
import type { Pruned } from "./prune.ts";
import { type DeadCodeOptions, removeDead } from "./remove-dead.ts";
import { removeIdentities } from "./remove-identities.ts";
import { shareEqualNodes } from "./share-equal-nodes.ts";

/** The graph in its simplest form, and which nodes and inputs stayed, by position. */
export function simplify(graph: Graph, options: DeadCodeOptions = {}): Pruned {
  const passes = [removeIdentities, shareEqualNodes, (given: Graph): Pruned => removeDead(given, options)];
  let done: Pruned = { graph, nodes: [...graph.nodes.keys()], inputs: [...graph.inputs.keys()] };
  for (const pass of passes) {
    const next = pass(done.graph);
    const { nodes, inputs } = done;
    done = {
      graph: next.graph,
      nodes: next.nodes.map((index) => at(nodes, index)),
      inputs: next.inputs.map((index) => at(inputs, index)),
    };
  }
  return done;
}
