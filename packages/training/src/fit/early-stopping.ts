// Stopping when a figure no longer improves (Prechelt 1998), and coming back to the best model.
import { AttributeError, FormatError } from "@stria/core";
import { loadModel, saveModel } from "../checkpoint/model.ts";
import type { Callback } from "./callback.ts";
import { Best, type MonitorOptions } from "./monitor.ts";

export interface EarlyStoppingOptions extends MonitorOptions {
  /** So many epochs in a row without improvement end the run. Default 3. */
  readonly patience?: number;
  /** Whether the model is left as it was after its best epoch, when the run has ended by itself (not by a signal). Default false. */
  readonly restoreBest?: boolean;
  /** Under which its state is kept in checkpoints. Default "earlyStopping". */
  readonly name?: string;
}

/** Early stopping, and what it has found. */
export interface EarlyStopping extends Callback {
  readonly name: string;
  /** The best value of the figure; undefined before the first epoch. */
  readonly best: number | undefined;
  /** The epoch that it is of, from 1; 0 before the first. */
  readonly bestEpoch: number;
}

/**
 * Ends a run after `patience` epochs in a row in which a figure has not improved by more than `minDelta`. It is part of checkpoints, the best model included: a
 * run that was killed goes on, or stays stopped, as if it had not been.
 * @example fit(model, batches, { ..., validation, callbacks: [earlyStopping({ patience: 5, restoreBest: true })] });
 * @throws AttributeError for numbers out of range, and in the first epoch for a figure that is not there.
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  const { patience = 3, restoreBest = false, name = "earlyStopping" } = options;
  if (!Number.isSafeInteger(patience) || patience < 1)
    throw new AttributeError("earlyStopping", `patience is ${patience}`, "use a whole number of epochs >= 1");
  const best = new Best("earlyStopping", options);
  let waited = 0;
  let model: Uint8Array | undefined;
  return {
    name,
    get best() {
      return best.value;
    },
    get bestEpoch() {
      return best.epoch;
    },
    onStart(run) {
      if (waited >= patience) run.stop();
    },
    async onEpochEnd(run, report) {
      if (best.take(report)) {
        waited = 0;
        if (restoreBest) model = await saveModel(run.model);
      } else if (++waited >= patience) run.stop();
    },
    onEnd(run) {
      if (model && (waited >= patience || run.epoch >= run.epochs)) loadModel(run.model, model);
    },
    save: () => ({ ...best.save(), waited, ...(model && { model }) }),
    restore(saved) {
      const { waited: earlier, model: kept } = saved;
      if (typeof earlier !== "number" || !(kept === undefined || kept instanceof Uint8Array))
        throw new FormatError("earlyStopping", "the checkpoint has another state under its name", "name it otherwise");
      best.restore(saved);
      waited = earlier;
      model = kept;
    },
  };
}
