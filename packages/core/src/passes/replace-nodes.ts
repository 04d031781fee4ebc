// What the passes that look at one node at a time share: the walk, and what a rule is told of the node's operands.
import { type Aval, at, sameAval } from "../tensor/aval.ts";
import { fromStored } from "../tensor/dtype.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import { type Pruned, prune } from "./prune.ts";

/** A node as a rule sees it: its operands are what earlier replacements made of them. */
export interface Candidate {
  readonly node: GraphNode;
  readonly inputs: readonly number[];
  /** Of the first output. */
  readonly output: Aval;
  avalOf(value: number): Aval;
  /** The node that makes a value; undefined for inputs and constants. */
  maker(value: number): GraphNode | undefined;
  /** The number that every element of a value is, where that is known. */
  literal(value: number): number | undefined;
}

/** What stands for a node: one of the values that are there, or another node of one output. Undefined: it stays. */
export type Replacement =
  | { readonly same: number }
  | { readonly op: GraphNode["op"]; readonly inputs: readonly number[]; readonly attrs: GraphNode["attrs"] }
  | undefined;

export type Rule = (candidate: Candidate) => Replacement;

/** A number as float32 has it; whole numbers and bools as they are. */
function asStored(value: number, { dtype }: Aval): number {
  return dtype === "float32" ? Math.fround(value) : value;
}

/** The graph in which each node is what `rule` makes of it. A value of another shape or dtype never stands for a node. */
export function replaceNodes(graph: Graph, rule: Rule): Pruned {
  const standIn = [...graph.values.keys()];
  const makers = new Map<number, GraphNode>();
  const literals = new Map<number, number>();
  for (const { value, data } of graph.constants)
    if (data.length === 1) literals.set(value, fromStored(at(graph.values, value).dtype, at(data, 0)));
  const avalOf = (value: number): Aval => at(graph.values, value);
  const kept: number[] = [];
  const nodes = graph.nodes.map((original, position) => {
    const inputs = original.inputs.map((value) => at(standIn, value));
    let node: GraphNode = { ...original, inputs };
    const [output] = node.outputs;
    const replacement =
      output === undefined || node.outputs.length > 1
        ? undefined
        : rule({
            node,
            inputs,
            output: avalOf(output),
            avalOf,
            maker: (value) => makers.get(value),
            literal: (value) => literals.get(value),
          });
    if (replacement && output !== undefined) {
      if ("same" in replacement) {
        if (sameAval(avalOf(replacement.same), avalOf(output))) {
          standIn[output] = replacement.same;
          return node;
        }
      } else node = { ...node, ...replacement };
    }
    kept.push(position);
    for (const value of node.outputs) makers.set(value, node);
    const { value } = node.attrs;
    if (node.op.name === "full" && output !== undefined && typeof value === "number")
      literals.set(output, asStored(value, avalOf(output)));
    return node;
  });
  return prune({ ...graph, nodes }, { nodes: kept, standIn });
}
