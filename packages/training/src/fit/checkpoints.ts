// A callback that keeps a run on disk.
import { AttributeError } from "@stria/core";
import { writeWhole } from "../checkpoint/file.ts";
import type { Callback } from "./callback.ts";

export interface CheckpointsOptions {
  /** Also every so many steps. Default: after each epoch and at the end only. */
  readonly everySteps?: number;
}

/**
 * Writes the run to a file after each epoch, and when it was stopped; `fit(..., { resume: path })` goes on from there to the same bits.
 * @throws AttributeError when `everySteps` is no whole number >= 1; StriaError when the file cannot be written.
 */
export function checkpoints(path: string, { everySteps }: CheckpointsOptions = {}): Callback {
  if (everySteps !== undefined && (!Number.isSafeInteger(everySteps) || everySteps < 1))
    throw new AttributeError("checkpoints", `everySteps is ${everySteps}`, "use a whole number >= 1");
  return {
    async onStep(run, { step }) {
      if (everySteps !== undefined && (step + 1) % everySteps === 0) await writeWhole(path, await run.checkpoint());
    },
    async onEpochEnd(run) {
      await writeWhole(path, await run.checkpoint());
    },
    async onEnd(run, { stopped }) {
      if (stopped) await writeWhole(path, await run.checkpoint());
    },
  };
}
