// Runs one op on a backend through `compile`, and compares what two backends give.
import { type Aval, type Backend, type Graph, type Op, type TypedArray, at } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import type { Case } from "./case.ts";

/** A graph of one node, each of whose results is also read by another node: a runtime may put those elsewhere than results. */
export function oneNode(op: Op, { inputs, attrs }: Case): Graph {
  const repeat = allOps["broadcastTo"];
  if (!repeat) throw new Error("there is no broadcastTo");
  const values: Aval[] = inputs.map(({ shape, dtype }) => ({ shape, dtype }));
  const outputs = op.infer(values, attrs);
  const results = outputs.map((_, index) => inputs.length + index);
  const twice = outputs.map(({ shape, dtype }): Aval => ({ shape: [2, ...shape], dtype }));
  const readers = twice.map((_, index) => inputs.length + outputs.length + index);
  return {
    values: [...values, ...outputs, ...twice],
    inputs: inputs.map((_, value) => ({ value, role: "data", name: `x${value}` })),
    nodes: [
      { op, inputs: inputs.map((_, value) => value), outputs: results, attrs },
      ...twice.map(({ shape }, index) => ({
        op: repeat,
        inputs: [at(results, index)],
        outputs: [at(readers, index)],
        attrs: { shape },
      })),
    ],
    constants: [],
    outputs: readers.map((value) => ({ value, name: "y" })),
    writebacks: [],
  };
}

/** Compiles and runs a graph, and leaves nothing behind. It runs on NaN first: a program has no memory of its runs. */
export async function runGraph(backend: Backend, graph: Graph, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  const program = await backend.compile(graph);
  const given = graph.inputs.map(({ value }, index) => backend.upload(at(inputs, index), at(graph.values, value)));
  const poison = graph.inputs.map(({ value }, index) => {
    const data = at(inputs, index);
    return backend.upload(data instanceof Float32Array ? data.map(() => Number.NaN) : data, at(graph.values, value));
  });
  for (const buffer of program.run(poison, [...poison.keys()])) backend.free(buffer);
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
