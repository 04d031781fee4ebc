// Callbacks that keep a run on disk: as it goes on, and at its best.
import { AttributeError } from "@stria/core";
import { writeWhole } from "../files.ts";
import type { Callback, Run } from "./callback.ts";
import { Best, type MonitorOptions } from "./monitor.ts";

export interface CheckpointsOptions {
  /** Also every so many steps. Default: after each epoch and at the end only. */
  readonly everySteps?: number;
}

/**
 * Writes the run to a file after each epoch, and when it was stopped; `fit(..., { resume: path })` goes on from there to the same bits. What other callbacks
 * remember is in it, wherever they stand in the list.
 * @throws AttributeError when `everySteps` is no whole number >= 1; StriaError when the file cannot be written: the one that was there is untouched.
 */
export function checkpoints(path: string, { everySteps }: CheckpointsOptions = {}): Callback {
  if (everySteps !== undefined && (!Number.isSafeInteger(everySteps) || everySteps < 1))
    throw new AttributeError("checkpoints", `everySteps is ${everySteps}`, "use a whole number >= 1");
  const write = async (run: Run): Promise<void> => writeWhole(path, await run.checkpoint());
  let written = -1; // steps of the last one at the end of an epoch
  return {
    async onStep(run, { step }) {
      if (everySteps !== undefined && (step + 1) % everySteps === 0) await write(run);
    },
    async afterEpoch(run) {
      written = run.state.steps;
      await write(run);
    },
    async onEnd(run, { stopped }) {
      if (stopped && written !== run.state.steps) await write(run);
    },
  };
}

/** What the callback of {@link bestCheckpoint} has found. */
export interface BestCheckpoint extends Callback {
  readonly name: string;
  /** The best value of the figure; undefined before the first epoch. */
  readonly best: number | undefined;
  /** The epoch that it is of, from 1; 0 before the first. */
  readonly bestEpoch: number;
}

/**
 * Writes the run to a file after each epoch in which a figure is the best so far: a model to load (`loadModelFile`), and a run to go on from.
 * @example bestCheckpoint("best.safetensors", { monitor: "validation.accuracy", mode: "max" })
 * @throws as {@link checkpoints}, and AttributeError where there is no such figure.
 */
export function bestCheckpoint(
  path: string,
  options: MonitorOptions & { readonly name?: string } = {},
): BestCheckpoint {
  const best = new Best("bestCheckpoint", options);
  let improved = false;
  return {
    name: options.name ?? `bestCheckpoint ${path}`,
    get best() {
      return best.value;
    },
    get bestEpoch() {
      return best.epoch;
    },
    onEpochEnd(_run, report) {
      improved = best.take(report);
    },
    async afterEpoch(run) {
      if (improved) await writeWhole(path, await run.checkpoint());
    },
    save: () => best.save(),
    restore: (saved) => best.restore(saved),
  };
}
