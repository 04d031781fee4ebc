// Removes what a backend need not see: identities, arithmetic on constants, nodes that change nothing, equal nodes, and what nothing uses.
import { at } from "../tensor/aval.ts";
import type { Graph } from "../graph/graph.ts";
import { foldConstants } from "./fold-constants.ts";
import type { Pruned } from "./prune.ts";
import { type DeadCodeOptions, removeDead } from "./remove-dead.ts";
import { removeIdentities } from "./remove-identities.ts";
import { shareEqualNodes } from "./share-equal-nodes.ts";
import { simplifyAlgebra } from "./simplify-algebra.ts";

/** The graph in its simplest form, and which nodes and inputs stayed, by position. */
export function simplify(graph: Graph, options: DeadCodeOptions = {}): Pruned {
  const passes = [
    removeIdentities,
    foldConstants,
    simplifyAlgebra,
    shareEqualNodes,
    (given: Graph): Pruned => removeDead(given, options),
  ];
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
