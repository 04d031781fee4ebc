// Whether two graphs are the same program.
import { attributesKey } from "./attributes-key.ts";
import { at, showAval } from "../tensor/aval.ts";
import { toBase64 } from "./base64.ts";
import type { Graph } from "./graph.ts";

/** The graph line by line, its values numbered in the order in which they are made, without what does not change what it computes. */
function lines(graph: Graph): string[] {
  const numbers = new Map<number, number>();
  const make = (value: number): string => {
    numbers.set(value, numbers.size);
    return `%${numbers.get(value)}: ${showAval(at(graph.values, value))}`;
  };
  const use = (value: number): string => `%${numbers.get(value) ?? "?"}`;
  return [
    ...graph.inputs.map(
      ({ value, role, name, noise }) =>
        `${make(value)} = ${role} "${name}"${noise ? ` ${noise.stream} ${noise.distribution} ${noise.parameters.join()}` : ""}`,
    ),
    ...graph.constants.map(({ value, data }) => `${make(value)} = constant ${toBase64(data)}`),
    ...graph.nodes.map(({ op, inputs, outputs, attrs }) => {
      const operands = inputs.map(use).join(", ");
      return `${outputs.map(make).join(", ")} = ${op.name}(${operands}) ${attributesKey(attrs)}`;
    }),
    ...graph.outputs.map(({ value, name }) => `return ${use(value)} as "${name}"`),
    ...graph.writebacks.map(({ from, to }) => `write ${use(from)} to ${use(to)}`),
  ];
}

/**
 * The first line in which two graphs differ, of both; undefined where they are the same program: inputs with their roles and names,
 * nodes in their order, shapes, attributes, constants to the bit, outputs, writebacks. Numbers of values and sites do not matter.
 */
export function graphDifference(a: Graph, b: Graph): readonly [string, string] | undefined {
  const [left, right] = [lines(a), lines(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index] ?? "(nothing)", right[index] ?? "(nothing)"];
    if (one !== other) return [one, other];
  }
  return undefined;
}

/** Whether two graphs are the same program; see `graphDifference`. */
export function equalGraphs(a: Graph, b: Graph): boolean {
  return graphDifference(a, b) === undefined;
}
