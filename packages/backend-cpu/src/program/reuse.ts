// Results that can take the memory of an input the run was given for good: the new parameters of a training step lie where the old ones did.
import { at } from "@stria/core";
import { areTogether } from "./stages.ts";
import type { BufferId, ProgramBuilder } from "./steps.ts";

/** For results, the position of the input whose memory they can take, if it is donated. No input is named twice. */
export function reusableInputs(
  { buffers, steps }: ProgramBuilder,
  results: readonly BufferId[],
): Map<BufferId, number> {
  const lastUse = new Map<BufferId, number>();
  const writers = new Map<BufferId, number>();
  steps.forEach((step, index) => {
    for (const buffer of [...step.reads, ...step.writes]) lastUse.set(buffer, index);
    for (const buffer of step.writes) writers.set(buffer, (writers.get(buffer) ?? 0) + 1);
  });
  /** Whether nothing that runs at the same time as a step, or later, uses a buffer that the step uses. */
  const isAlone = (buffer: BufferId, index: number): boolean => {
    for (let other = index; areTogether(steps[other - 1], steps[other]); other--)
      if (at(steps, other - 1).reads.includes(buffer)) return false;
    return lastUse.get(buffer) === index;
  };
  const reusable = new Map<BufferId, number>();
  const taken = new Set<BufferId>(results);
  steps.forEach((step, index) => {
    for (const [read, write] of step.inPlace ?? []) {
      const source = at(buffers, read);
      const isResult = at(buffers, write).kind === "local" && results.includes(write);
      if (source.kind !== "input" || !isResult || taken.has(read) || reusable.has(write)) continue;
      if (!isAlone(read, index) || writers.get(write) !== 1) continue;
      taken.add(read);
      reusable.set(write, source.index);
    }
  });
  return reusable;
}
