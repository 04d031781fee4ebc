// A function, traced: its graph, where each input's data comes from, and how its result is rebuilt.
import { type Aval, at } from "../tensor/aval.ts";
import type { Cell } from "../cells/cell.ts";
import { TraceError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { simplify } from "../passes/simplify.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Binding, Trace, recordInto } from "./trace.ts";
import { type TreeShape, flatten, isRefusedPromise } from "../tensor/tree.ts";

export interface TracedFunction {
  readonly graph: Graph;
  /** One for each input of the graph. */
  readonly bindings: readonly Binding[];
  readonly result: TreeShape;
  /** The cells that the writebacks of the graph go to, in the same order. */
  readonly written: readonly Cell[];
  /** The inputs that are their old values. */
  readonly replaced: readonly number[];
  /** Gives captured tensors back. */
  release(): void;
}

/** A function that knows the trace and nothing else: not `f`, nor what that captured. */
function releaseOf(trace: Trace): () => void {
  return () => trace.releaseCaptured();
}

/** What `f` did, as it did it. Whoever asks releases what the trace has captured. */
export interface Recorded {
  readonly trace: Trace;
  readonly results: readonly Tensor[];
  readonly shape: TreeShape;
}

/** Records `f`, which is given a traced tensor for each of `argumentAvals`. @throws TraceError when it returns a Promise. */
export function recordFunction(
  name: string,
  argumentAvals: readonly Aval[],
  f: (leaves: readonly Tensor[]) => unknown,
): Recorded {
  const trace = new Trace();
  try {
    const leaves = argumentAvals.map((value, index) =>
      trace.newInput(value, "data", `argument.${index}`, { kind: "argument", index, checks: [] }),
    );
    const output = recordInto(trace, () => f(leaves));
    if (isRefusedPromise(output))
      throw new TraceError(
        name,
        "the function returned a Promise",
        "give it a synchronous function; read values outside of it",
      );
    const { leaves: results, shape } = flatten(output, name);
    return { trace, results, shape };
  } catch (error) {
    trace.releaseCaptured();
    throw error;
  }
}

/** Traces `f`, which is given a traced tensor for each of `argumentAvals`. @throws TraceError when it returns a Promise. */
export function traceFunction(
  name: string,
  argumentAvals: readonly Aval[],
  f: (leaves: readonly Tensor[]) => unknown,
): TracedFunction {
  const { trace, results, shape } = recordFunction(name, argumentAvals, f);
  try {
    const { graph, inputs } = simplify(
      trace.graph(results.map((tensor, index) => ({ name: `result.${index}`, tensor }))),
    );
    const bindings = inputs.map((index) => at(trace.bindings, index));
    const written = [...trace.cells].flatMap(([cell, use]) => (use.written ? [cell] : []));
    return {
      graph,
      bindings,
      result: shape,
      written,
      replaced: bindings.flatMap((binding, index) =>
        binding.kind === "cell" && written.includes(binding.cell) ? [index] : [],
      ),
      release: releaseOf(trace),
    };
  } catch (error) {
    trace.releaseCaptured();
    throw error;
  }
}
