// Rebuilds a graph node by node inside a trace, so that a pass can say a node in other ops.
import { type Aval, at, sameAval } from "../tensor/aval.ts";
import type { Graph, GraphNode } from "../graph/graph.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Binding, Trace, recordInto } from "../trace/trace.ts";

export interface Rewrite {
  readonly graph: Graph;
  /** For each node of the new graph the position of the source's node that it stands for, alone or with others. */
  readonly origins: readonly number[];
}

const unbound: Binding = { kind: "argument", index: 0, checks: [] };

/**
 * The graph in which each node is what `replace` makes of it: tensors for its outputs, made by calling ops, or null to keep it.
 * Inputs, constants, outputs and writebacks keep their order.
 */
export function rewrite(
  graph: Graph,
  replace: (node: GraphNode, inputs: readonly Tensor[], index: number) => readonly Tensor[] | null,
): Rewrite {
  const trace = new Trace();
  const origins: number[] = [];
  const tensors = new Map<number, Tensor>();
  const of = (value: number): Tensor => {
    const tensor = tensors.get(value);
    if (!tensor) throw new RangeError(`graph uses value ${value} before it is made`);
    return tensor;
  };
  /** What the nodes that stay give has not to be found again, as long as they are given what they were given. */
  let isKnown = true;
  const results = (node: GraphNode): Aval[] => node.outputs.map((value) => at(graph.values, value));
  return recordInto(trace, () => {
    for (const { value, role, name } of graph.inputs)
      tensors.set(value, trace.newInput(at(graph.values, value), role, name, unbound));
    // Constants are carried as inputs while the trace is built, and become constants again below.
    const constants = graph.constants.map(({ value, data }) => {
      const tensor = trace.newInput(at(graph.values, value), "data", "constant", unbound);
      tensors.set(value, tensor);
      return { value: trace.valueOf(tensor, "constant"), data };
    });
    for (const [index, node] of graph.nodes.entries()) {
      const inputs = node.inputs.map(of);
      trace.site = node.site;
      const replaced = replace(node, inputs, index);
      const outputs = replaced ?? trace.append(node.op, inputs, node.attrs, isKnown ? results(node) : undefined);
      if (replaced?.some((tensor, position) => !sameAval(tensor.aval, at(results(node), position)))) isKnown = false;
      for (const [position, value] of node.outputs.entries()) tensors.set(value, at(outputs, position));
      while (origins.length < trace.nodes.length) origins.push(index);
    }
    const number = (value: number): number => trace.valueOf(of(value), "graph");
    return {
      graph: {
        values: trace.values,
        inputs: trace.inputs
          .slice(0, graph.inputs.length)
          .map((input, index) => ({ ...at(graph.inputs, index), value: input.value })),
        nodes: trace.nodes,
        constants,
        outputs: graph.outputs.map(({ name, value }) => ({ name, value: number(value) })),
        writebacks: graph.writebacks.map(({ from, to }) => ({ from: number(from), to: number(to) })),
      },
      origins,
    };
  });
}
