// A node apart from its graph.
import { at } from "../tensor/aval.ts";
import type { NodeSpec } from "../backend.ts";
import type { Graph, GraphNode } from "./graph.ts";

/** The node with its shapes. */
export function specOf(graph: Graph, node: GraphNode): NodeSpec {
  return {
    op: node.op,
    attrs: node.attrs,
    inputs: node.inputs.map((value) => at(graph.values, value)),
    outputs: node.outputs.map((value) => at(graph.values, value)),
  };
}
