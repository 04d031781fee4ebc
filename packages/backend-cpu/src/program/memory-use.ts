// The bytes that a program needs, known before any are allocated.
import { at, bytesOf, type Graph, resultValues, sizeOf } from "@stria/core";
import { blockBytes } from "../memory/arena.ts";
import type { Preparation } from "./preparation.ts";
import type { BufferId, ProgramBuilder } from "./steps.ts";

export interface ExplainedMemory {
  readonly inputs: number;
  readonly constants: number;
  /** Between the steps; memory of values that are never alive together is shared. */
  readonly workspace: number;
  readonly results: number;
  /** Of the results: what takes the memory of inputs that are given up, such as the parameters of a training step. */
  readonly takenOver: number;
  /** What is made of parameters alone, and stays for the next run. */
  readonly kept: number;
  /** For all threads. */
  readonly scratch: number;
}

/** What parts of a program are needed to tell. */
export interface Planned {
  readonly graph: Graph;
  readonly builder: ProgramBuilder;
  /** Bytes of the plan between the steps. */
  readonly workspace: number;
  readonly reusable: ReadonlyMap<BufferId, number>;
  readonly preparation: Preparation | undefined;
}

export function memoryUseOf({ graph, builder, workspace, reusable, preparation }: Planned): ExplainedMemory {
  const bytes = (value: number): number => {
    const { shape, dtype } = at(graph.values, value);
    return blockBytes(sizeOf(shape) * bytesOf(dtype));
  };
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + bytes(value), 0);
  const localBytes = (id: BufferId): number => {
    const buffer = at(builder.buffers, id);
    return buffer.kind === "local" ? blockBytes(buffer.bytes) : 0;
  };
  return {
    inputs: total(graph.inputs.map(({ value }) => value)),
    constants: builder.buffers.reduce(
      (sum, buffer) => sum + (buffer.kind === "constant" ? blockBytes(buffer.data.byteLength) : 0),
      0,
    ),
    workspace,
    results: total(resultValues(graph)),
    takenOver: [...reusable.keys()].reduce((sum, id) => sum + localBytes(id), 0),
    kept: (preparation?.kept ?? []).reduce((sum, id) => sum + localBytes(id), 0),
    scratch: Math.max(0, ...builder.steps.map((step) => step.scratchBytes)) * builder.threads,
  };
}

/** What a run takes that gives up what it can. */
export function mostBytes({
  inputs,
  constants,
  workspace,
  results,
  takenOver,
  kept,
  scratch,
}: ExplainedMemory): number {
  return inputs + constants + workspace + results - takenOver + kept + scratch;
}
