// What the simplifying passes share: a graph without some of its nodes and inputs, in which other values stand for those that went.
import { at } from "../tensor/aval.ts";
import type { Graph } from "../graph/graph.ts";

/** A graph with less in it, and which nodes and inputs of the source stayed, by position. */
export interface Pruned {
  readonly graph: Graph;
  readonly nodes: readonly number[];
  readonly inputs: readonly number[];
}

export interface Kept {
  readonly nodes: readonly number[];
  /** Default: all. */
  readonly inputs?: readonly number[];
  /** Which constants stay, by position. Default: all. */
  readonly constants?: readonly number[];
  /** For each value of the source the value that stands for it. Default: itself. */
  readonly standIn?: readonly number[];
}

/** The graph with what is kept only, its values numbered anew. */
export function prune(
  graph: Graph,
  { nodes, inputs = [...graph.inputs.keys()], constants = [...graph.constants.keys()], standIn }: Kept,
): Pruned {
  const values: Graph["values"][number][] = [];
  const numbers = new Map<number, number>();
  const define = (value: number): number => {
    const number = values.push(at(graph.values, value)) - 1;
    numbers.set(value, number);
    return number;
  };
  const use = (value: number): number => {
    const number = numbers.get(standIn ? at(standIn, value) : value);
    if (number === undefined) throw new RangeError(`value ${value} is used, and what makes it was removed`);
    return number;
  };
  const defined = <T extends { readonly value: number }>(item: T): T => ({ ...item, value: define(item.value) });
  return {
    graph: {
      inputs: inputs.map((index) => defined(at(graph.inputs, index))),
      constants: constants.map((index) => defined(at(graph.constants, index))),
      nodes: nodes.map((index) => {
        const node = at(graph.nodes, index);
        return { ...node, inputs: node.inputs.map(use), outputs: node.outputs.map(define) };
      }),
      outputs: graph.outputs.map((output) => ({ ...output, value: use(output.value) })),
      writebacks: graph.writebacks.map(({ from, to }) => ({ from: use(from), to: use(to) })),
      values,
    },
    nodes,
    inputs,
  };
}
