// Graphs by hand, and how the kit runs any graph on a backend, at the level of the contract.
import {
  type Attrs,
  type Aval,
  type Backend,
  type Graph,
  type Op,
  type TypedArray,
  at,
  resultValues,
} from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import type { Case } from "./cases/case.ts";

/** Tensors have no more. */
const mostAxes = 6;

export function opNamed(name: string): Op {
  const op = Object.hasOwn(allOps, name) ? allOps[name] : undefined;
  if (!op) throw new Error(`there is no op ${name}`);
  return op;
}

export interface Line {
  readonly op: string;
  readonly inputs: readonly number[];
  readonly attrs?: Attrs;
}

/** A graph written down in few words: inputs are values 0, 1, ...; then come constants, and what each line gives. */
export function graphOf(
  inputs: readonly Aval[],
  lines: readonly Line[],
  outputs: readonly number[],
  {
    writebacks = [],
    constants = [],
  }: { writebacks?: Graph["writebacks"]; constants?: readonly { aval: Aval; data: TypedArray }[] } = {},
): Graph {
  const values: Aval[] = [...inputs, ...constants.map(({ aval }) => aval)];
  const written = new Set(writebacks.map(({ to }) => to));
  const nodes = lines.map(({ op: name, inputs: from, attrs = {} }) => {
    const op = opNamed(name);
    const made = op.infer(
      from.map((value) => at(values, value)),
      attrs,
    );
    const first = values.length;
    values.push(...made);
    return { op, inputs: from, outputs: made.map((_, index) => first + index), attrs };
  });
  return {
    values,
    inputs: inputs.map((_, value) => ({ value, role: written.has(value) ? "param" : "data", name: `x${value}` })),
    nodes,
    constants: constants.map(({ data }, index) => ({ value: inputs.length + index, data })),
    outputs: outputs.map((value, index) => ({ value, name: `y${index}` })),
    writebacks,
  };
}

/** A graph of one node whose results are read by another node and handed out as well: a runtime may treat the two differently. */
export function oneNode(op: Op, { inputs, attrs }: Case): Graph {
  const values = inputs.map(({ shape, dtype }): Aval => ({ shape, dtype }));
  const results = op.infer(values, attrs);
  const first = values.length;
  return graphOf(
    values,
    [
      { op: op.name, inputs: [...values.keys()], attrs },
      ...results.map(({ shape }, index) => ({
        op: "broadcastTo",
        inputs: [first + index],
        attrs: { shape: shape.length < mostAxes ? [2, ...shape] : shape },
      })),
    ],
    results.flatMap((_, index) => [first + results.length + index, first + index]),
  );
}

/** Runs a program once and reads everything back. Nothing is left behind but what was there. */
export async function runGraph(backend: Backend, graph: Graph, inputs: readonly TypedArray[]): Promise<TypedArray[]> {
  const program = await backend.compile(graph);
  const given = graph.inputs.map(({ value }, index) => backend.upload(at(inputs, index), at(graph.values, value)));
  const results = program.run(given, []);
  try {
    if (results.length !== resultValues(graph).length)
      throw new Error(`a run returned ${results.length} buffers instead of ${resultValues(graph).length}`);
    return await Promise.all(results.map((result) => backend.download(result)));
  } finally {
    for (const buffer of [...given, ...results]) backend.free(buffer);
    program.dispose();
  }
}
