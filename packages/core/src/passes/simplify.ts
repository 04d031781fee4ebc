// Removes what a backend need not see: identities, equal nodes, and nodes and inputs that nothing uses.
import { at } from "../aval.ts";
import { type Graph, type GraphNode, resultValues } from "../graph.ts";
import type { AttrValue } from "../op.ts";

const transparent = new Set(["identity", "stopGradient"]);

function showAttr(value: AttrValue): string {
  return typeof value === "number" && Object.is(value, -0)
    ? "-0"
    : typeof value === "object"
      ? JSON.stringify(value)
      : `${typeof value}${value}`;
}

/** The graph without identities, common subexpressions and dead code, its values renumbered; and which inputs (by position) stayed. */
export function simplify(graph: Graph): { graph: Graph; keptInputs: number[] } {
  const same = Array.from(graph.values, (_, value) => value);
  const known = new Map<string, GraphNode>();
  const nodes: GraphNode[] = [];
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((value) => at(same, value)) };
    if (transparent.has(node.op.name)) {
      same[at(node.outputs, 0)] = at(node.inputs, 0);
      continue;
    }
    const attrs = Object.keys(node.attrs)
      .toSorted()
      .map((name) => `${name}=${showAttr(at(Object.values({ value: node.attrs[name] ?? 0 }), 0))}`);
    const key = `${node.op.name}(${node.inputs.join()}){${attrs.join()}}`;
    const twin = known.get(key);
    if (twin) for (const [index, value] of node.outputs.entries()) same[value] = at(twin.outputs, index);
    else {
      known.set(key, node);
      nodes.push(node);
    }
  }

  const live = new Set(resultValues(graph).map((value) => at(same, value)));
  for (const { to } of graph.writebacks) live.add(to);
  const needed = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((value) => live.has(value))) return false;
    for (const value of node.inputs) live.add(value);
    return true;
  });
  needed.reverse();

  const keptInputs = [...graph.inputs.keys()].filter((index) => live.has(at(graph.inputs, index).value));
  return { graph: renumber(graph, keptInputs, needed, same), keptInputs };
}

function renumber(
  graph: Graph,
  keptInputs: readonly number[],
  nodes: readonly GraphNode[],
  same: readonly number[],
): Graph {
  const values: Graph["values"][number][] = [];
  const numbers = new Map<number, number>();
  const define = (value: number): number => {
    const number = values.push(at(graph.values, value)) - 1;
    numbers.set(value, number);
    return number;
  };
  const use = (value: number): number => at([numbers.get(at(same, value)) ?? -1], 0);
  const inputs = keptInputs.map((index) => {
    const input = at(graph.inputs, index);
    return { ...input, value: define(input.value) };
  });
  const constants = graph.constants.map((constant) => ({ ...constant, value: define(constant.value) }));
  return {
    inputs,
    constants,
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(use), outputs: node.outputs.map(define) })),
    outputs: graph.outputs.map((output) => ({ ...output, value: use(output.value) })),
    writebacks: graph.writebacks.map(({ from, to }) => ({ from: use(from), to: use(to) })),
    values,
  };
}
