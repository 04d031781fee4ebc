// Runs one op on a backend through `compile`, and compares what two backends give.
import { type Aval, type Backend, type Graph, type Op, type TypedArray, at } from "@stria/core";
import type { Case } from "./cases.ts";

/** A graph of one node. */
export function oneNode(op: Op, { inputs, attrs }: Case): Graph {
  const values: Aval[] = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const outputs = op.infer(values, attrs);
  const numbers = outputs.map((_, index) => values.length + index);
  return {
    values: [...values, ...outputs],
    inputs: inputs.map((_, value) => ({ value, role: "data", name: `x${value}` })),
    nodes: [{ op, inputs: inputs.map((_, value) => value), outputs: numbers, attrs }],
    constants: [],
    outputs: numbers.map((value) => ({ value, name: "y" })),
    writebacks: [],
  };
}

/** Compiles and runs a graph, and leaves nothing behind. */
export async function runGraph(backend: Backend, graph: Graph, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  const program = await backend.compile(graph);
  const given = graph.inputs.map(({ value }, index) => backend.upload(at(inputs, index), at(graph.values, value)));
  const results = program.run(given, []);
  try {
    return await Promise.all(results.map((result) => backend.download(result)));
  } finally {
    for (const buffer of [...given, ...results]) backend.free(buffer);
    program.dispose();
  }
}

/** Where and how two arrays differ, in words; undefined where they agree. */
export function difference(found: TypedArray, wanted: TypedArray, rtol = 0, atol = 0): string | undefined {
  if (found.constructor !== wanted.constructor || found.length !== wanted.length)
    return `${found.constructor.name}(${found.length}) instead of ${wanted.constructor.name}(${wanted.length})`;
  let largest = 1;
  for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (const [index, value] of wanted.entries()) {
    const other = at(found, index);
    if (Object.is(other, value) || other === value) continue;
    if (!(Math.abs(other - value) <= atol * largest + rtol * Math.abs(value)))
      return `element ${index} is ${other} instead of ${value}`;
  }
  return undefined;
}
