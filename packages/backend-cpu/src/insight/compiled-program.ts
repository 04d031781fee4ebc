// From what the user has, a compiled function or a training step, to the program that this backend makes of it.
import { type Backend, BackendError, defaultBackend, type Graph } from "@stria/core";
import { CpuExecutable } from "../program/executable.ts";

/** What has a graph for its arguments: what `compile` of @stria/core and `trainStep` of @stria/training return. */
export interface Traced<Args extends readonly unknown[]> {
  /** The traced graph for these arguments. */
  graph(...args: Args): Graph;
}

export interface InsightOptions {
  /** The backend, made by `cpu()`. Default the one that `useBackend` chose. */
  readonly backend?: Backend;
}

/**
 * Compiles the graph once more. The caller disposes of what it gets.
 * @throws BackendError where the backend is not the CPU's.
 */
export async function programOf(
  subject: string,
  graph: Graph,
  { backend = defaultBackend() }: InsightOptions,
): Promise<CpuExecutable> {
  const executable = await backend.compile(graph);
  if (executable instanceof CpuExecutable) return executable;
  executable.dispose();
  throw new BackendError(
    subject,
    `the backend is "${backend.name}"`,
    "choose the CPU's first, with useBackend(cpu()), or pass { backend }",
  );
}
