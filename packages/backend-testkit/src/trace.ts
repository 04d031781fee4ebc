// Graphs of functions, traced by core: what a user's program is when it reaches a backend.
import {
  type Backend,
  type Graph,
  type Tensor,
  type TypedArray,
  at,
  compile,
  defaultBackend,
  tensor,
  useBackend,
} from "@stria/core";
import type { Operand } from "./random.ts";

export interface TracedGraph {
  readonly graph: Graph;
  /** Data for each input of the graph. */
  readonly inputs: readonly TypedArray[];
}

/** The graph of `f` for these operands. `cells` is the data of the parameters that it reads, by path. */
export async function traced(
  oracle: Backend,
  f: (...inputs: Tensor[]) => unknown,
  operands: readonly Operand[],
  cells: ReadonlyMap<string, TypedArray> = new Map(),
): Promise<TracedGraph> {
  const before = chosen();
  await useBackend(oracle); // what is concrete in `f` runs here
  try {
    const compiled = compile(f);
    const graph = compiled.graph(...operands.map(({ data, shape, dtype }) => tensor(data, { shape, dtype })));
    compiled.clear();
    const inputs = graph.inputs.map(({ name }) => {
      const [kind, index] = name.split(".");
      const data = kind === "argument" ? at(operands, Number(index)).data : cells.get(name);
      if (!data) throw new Error(`the kit has no data for input ${name}`);
      return data;
    });
    return { graph, inputs };
  } finally {
    if (before) await useBackend(before);
  }
}

/** The user's choice, to be given back. */
function chosen(): Backend | undefined {
  try {
    return defaultBackend();
  } catch {
    return undefined;
  }
}
