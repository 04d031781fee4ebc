// fit: epochs of training steps over batches, with metrics, validation, callbacks, and a way to stop and to go on.
import {
  checkBatches,
  checkCallbacks,
  checkLoss,
  checkMetrics,
  checkModel,
  checkOptimizer,
} from "../check-arguments.ts";
import type { Module } from "@stria/layers";
import type { Optimizer } from "@stria/optimizers";
import type { Batches } from "../batch.ts";
import type { LossFunction } from "../metrics/mean-loss.ts";
import type { MetricTable, Results } from "../metrics/metric.ts";
import type { StepOptions } from "../step-program.ts";
import type { Callback, History } from "./callback.ts";
import { FitRun } from "./fit-run.ts";

export interface FitOptions<Table extends MetricTable> extends StepOptions {
  /** Loss of outputs and targets, such as `crossEntropy`. */
  readonly loss: LossFunction;
  readonly optimizer: Optimizer;
  /** Passes over the batches in all, those before a resumption included. */
  readonly epochs: number;
  /** Figures of the training batches, and of the validation data. */
  readonly metrics?: Table;
  /** Batches that are evaluated after each epoch. */
  readonly validation?: Batches;
  /** Whether validation is of the average of the parameters that `withAverage` keeps, instead of the parameters. Default false. */
  readonly validateAverage?: boolean;
  readonly callbacks?: readonly Callback[];
  /**
   * Ends the run when the steps under way are done, or the batch of a validation is, also while the next batch is waited for; what was reached is kept and returned, `stopped` in it. The model and
   * the optimizer are those after the last step, and `checkpoints` keeps the run there.
   */
  readonly signal?: AbortSignal;
  /** A checkpoint to go on from: its bytes, or the path of its file (in a browser, of the origin's private file system). */
  readonly resume?: Uint8Array | string;
}

/**
 * Trains a model: `epochs` passes over the batches, one compiled step each, at most two under way. Metrics of an epoch are of the training batches, each
 * at the time of its step; those of `validation` are of the model after it. With `accumulate: n` a step is made of n batches, the last of an epoch of what is left.
 * @returns the figures of every epoch.
 * @throws AttributeError for no batches, an empty one, NaN in one that is on the host, or labels out of range; what a step threw.
 * @example
 * await fit(model, loader(train, { batchSize: 64, shuffle: true }), {
 *   loss: crossEntropy, optimizer: adam({ learningRate: 1e-3 }), epochs: 3, callbacks: [progressBar()],
 * });
 */
export async function fit<Table extends MetricTable = MetricTable>(
  model: Module,
  batches: Batches,
  options: FitOptions<Table>,
): Promise<History<Results<Table>>> {
  const given: Partial<FitOptions<MetricTable>> = options ?? {};
  const { loss, optimizer, metrics = {}, callbacks = [], validation = batches } = given;
  checkModel("fit", model, true);
  checkBatches("fit", batches);
  checkBatches("fit", validation);
  checkLoss("fit", loss);
  checkOptimizer("fit", optimizer);
  checkMetrics("fit", metrics);
  checkCallbacks("fit", callbacks);
  return new FitRun(model, batches, options).run();
}
