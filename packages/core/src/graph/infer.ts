// Shapes without numbers: what a function of one tensor would return.
import { type Aval, at } from "../tensor/aval.ts";
import type { Graph } from "./graph.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { recordFunction, traceFunction } from "../trace/traced-function.ts";

/**
 * Shape and dtype of `f(x)` for an `x` of the given shape and dtype. Nothing is computed and no backend is needed.
 * @throws what `f` throws when the shape does not fit.
 */
export function inferAval(f: (x: Tensor) => Tensor, x: Aval): Aval {
  const { trace, results } = recordFunction("inferAval", [x], (leaves) => f(at(leaves, 0)));
  trace.releaseCaptured();
  return at(results, 0).aval;
}

/**
 * The graph of a function of tensors of the given shapes and dtypes. Nothing is computed, no parameter gets its first value and no backend is needed.
 * What `f` returns are its outputs; data that `f` holds on the host is among its constants.
 * @throws what `f` throws when the shapes do not fit.
 */
export function inferGraph(f: (inputs: readonly Tensor[]) => readonly Tensor[], inputs: readonly Aval[]): Graph {
  const { graph, bindings, release } = traceFunction("inferGraph", inputs, f);
  try {
    const constants = graph.inputs.flatMap(({ value }, index) => {
      const binding = at(bindings, index);
      const data = binding.kind === "captured" ? binding.storage.hostData : undefined;
      return data ? [{ value, data }] : [];
    });
    const constant = new Set(constants.map(({ value }) => value));
    return { ...graph, inputs: graph.inputs.filter(({ value }) => !constant.has(value)), constants };
  } finally {
    release();
  }
}
