// What a program computes from parameters alone (packed and transformed weights, factors of batch norm) stays in memory, and is computed anew when
// they have changed: predicting again and again does it once.
import { at, type Graph } from "@stria/core";
import { parameterRoles } from "./parameters.ts";
import type { BufferId, ProgramBuilder, Step } from "./steps.ts";

export interface Preparation {
  /** The steps that a run leaves out while the parameters are the same. */
  readonly steps: ReadonlySet<number>;
  /** Buffers that stay: what those steps have made for others. */
  readonly kept: readonly BufferId[];
  /** Positions of the graph's inputs on which they depend. */
  readonly inputs: readonly number[];
}

/** Bytes that a program keeps beside the parameters themselves, at most. */
const mostKept = 2 ** 28;

/** The steps of a program that read nothing but parameters and what such steps have written. */
function settledSteps(
  { buffers, steps }: ProgramBuilder,
  isParameter: (input: number) => boolean,
  moving: ReadonlySet<BufferId>,
): Set<Step> {
  const unsettled = new Set(moving);
  const isSettled = (id: BufferId): boolean => {
    const buffer = at(buffers, id);
    return buffer.kind === "input" ? isParameter(buffer.index) : !unsettled.has(id);
  };
  const settled = new Set(steps);
  for (let before = -1; before !== settled.size;) {
    before = settled.size;
    for (const step of settled)
      if (![...step.reads, ...step.writes].every(isSettled)) {
        settled.delete(step);
        for (const id of step.writes) unsettled.add(id);
      }
  }
  return settled;
}

/** What can stay between runs; undefined where that is nothing, and for programs that change their parameters. */
export function preparationOf(
  graph: Graph,
  builder: ProgramBuilder,
  results: readonly BufferId[],
): Preparation | undefined {
  if (!builder.keepsPreparation) return undefined;
  const isParameter = (input: number): boolean => parameterRoles.has(at(graph.inputs, input).role);
  const moving = new Set(results);
  for (;;) {
    const settled = settledSteps(builder, isParameter, moving);
    const read = new Set(builder.steps.flatMap((step) => (settled.has(step) ? [] : step.reads)));
    const kept = [...new Set([...settled].flatMap(({ writes }) => writes))].filter((id) => read.has(id));
    if (kept.length === 0) return undefined;
    const bytesOf = (id: BufferId): number => {
      const buffer = at(builder.buffers, id);
      return buffer.kind === "local" ? buffer.bytes : 0;
    };
    if (kept.reduce((sum, id) => sum + bytesOf(id), 0) > mostKept) {
      moving.add(kept.reduce((largest, id) => (bytesOf(id) > bytesOf(largest) ? id : largest)));
      continue;
    }
    const inputs = [...settled].flatMap(({ reads }) =>
      reads.flatMap((id) => {
        const buffer = at(builder.buffers, id);
        return buffer.kind === "input" ? [buffer.index] : [];
      }),
    );
    return {
      steps: new Set([...builder.steps.keys()].filter((index) => settled.has(at(builder.steps, index)))),
      kept,
      inputs: [...new Set(inputs)],
    };
  }
}
