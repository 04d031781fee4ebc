// Shapes without numbers: what a function of one tensor would return.
import { type Aval, at } from "./aval.ts";
import type { Tensor } from "./tensor.ts";
import { traceFunction } from "./traced-function.ts";

/**
 * Shape and dtype of `f(x)` for an `x` of the given shape and dtype. Nothing is computed and no backend is needed.
 * @throws what `f` throws when the shape does not fit.
 */
export function inferAval(f: (x: Tensor) => Tensor, x: Aval): Aval {
  const traced = traceFunction("inferAval", [x], (leaves) => f(at(leaves, 0)));
  try {
    return at(traced.graph.values, at(traced.graph.outputs, 0).value);
  } finally {
    traced.release();
  }
}
