// Scalars of an update outside of a training step.
import { type RunContext, tensor } from "@stria/core";
import type { ScalarSource } from "./optimizer.ts";

/** The scalars of one step as concrete tensors, to call `update` without a training step. */
export function scalarsAt(context: RunContext): ScalarSource {
  return (_name, supply) => tensor(supply(context));
}
