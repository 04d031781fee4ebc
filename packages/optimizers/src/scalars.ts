// Scalars of an update: outside of a training step, and coefficients that may follow a schedule.
import { fromHost, type RunContext, type Tensor } from "@stria/core";
import type { ScalarSource } from "./optimizer.ts";
import type { Schedule } from "./schedules/schedule.ts";

/** The scalars of one step as concrete tensors, to call `update` without a training step. */
export function scalarsAt(context: RunContext): ScalarSource {
  return (_name, supply) => fromHost(Float32Array.of(supply(context)), [], "float32");
}

/** `of` a coefficient: a number in the graph, or a scalar where a schedule moves it. */
export function coefficient(
  scalar: ScalarSource,
  name: string,
  value: number | Schedule,
  of: (value: number) => number = (x) => x,
): Tensor | number {
  return typeof value === "number" ? of(value) : scalar(name, ({ step }) => of(value(step)));
}
