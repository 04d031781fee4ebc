// The learning-rate range test (Smith 2017): steps at rates that grow until the loss explodes. Nothing is left of them.
import { AttributeError, namedCells, randomState, setRandomState } from "@stria/core";
import type { Module } from "@stria/layers";
import type { Optimizer } from "@stria/optimizers";
import { type Batches, type LabelledBatch, checkBatch } from "../batch.ts";
import { type LossFunction, lossOf } from "../metrics/mean-loss.ts";
import { type StepOptions, StepProgram } from "../step-program.ts";
import { epochBatches, nextEpochOf, setNextEpoch } from "./epoch-batches.ts";

export interface FindLearningRateOptions extends StepOptions {
  /** As it is given to fit. */
  readonly loss: LossFunction;
  /** As it is given to fit; its own rate is not used, those of groups are. */
  readonly optimizer: Optimizer;
  /** The first rate. Default 1e-7. */
  readonly from?: number;
  /** The last rate. Default 10. */
  readonly to?: number;
  /** Steps from the first to the last, each rate the same multiple of the one before. Default 100. */
  readonly steps?: number;
  /** Share of the older losses in the smoothed one. Default 0.9. */
  readonly smoothing?: number;
  /** Ends it where the smoothed loss is so many times the lowest. Default 4. */
  readonly divergence?: number;
  /** Ends it after the step under way, or while a batch is waited for, with an error: the signal's reason. The model is as it was. */
  readonly signal?: AbortSignal;
}

export interface LearningRates {
  /** The rate of each step. */
  readonly rates: readonly number[];
  readonly losses: readonly number[];
  /** The losses as exponential averages. */
  readonly smoothed: readonly number[];
  /** The rate at which the smoothed loss falls most steeply; undefined where it never falls. */
  readonly suggestion: number | undefined;
}

function checkRange({
  from = 1e-7,
  to = 10,
  steps = 100,
  smoothing = 0.9,
  divergence = 4,
}: FindLearningRateOptions): void {
  const fault = !(from > 0 && Number.isFinite(to) && to > from)
    ? `the rates go from ${from} to ${to}`
    : !Number.isSafeInteger(steps) || steps < 2
      ? `steps is ${steps}`
      : !(smoothing >= 0 && smoothing < 1)
        ? `smoothing is ${smoothing}`
        : !(divergence > 1)
          ? `divergence is ${divergence}`
          : undefined;
  if (fault !== undefined)
    throw new AttributeError(
      "findLearningRate",
      fault,
      "use 0 < from < to, steps >= 2, 0 <= smoothing < 1 and divergence > 1",
    );
}

/** Batches without end, epoch after epoch. @throws the reason of `signal`. */
async function* endless(data: Batches, signal: AbortSignal | undefined): AsyncGenerator<LabelledBatch> {
  for (let epoch = nextEpochOf(data); ; epoch++) {
    let count = 0;
    for await (const batch of epochBatches(data, epoch, 0, signal)) {
      yield batch;
      count++;
    }
    signal?.throwIfAborted();
    if (count === 0)
      throw new AttributeError("findLearningRate", "there are no batches", "pass a loader with at least one");
  }
}

/**
 * Trains with a learning rate that grows from step to step, and puts everything back: the model's parameters and state, the random streams, the loader's epoch.
 * The optimizer holds nothing. A good rate for training is near `suggestion`, or a tenth of the one where the loss explodes.
 * @example
 * const { suggestion } = await findLearningRate(model, batches, { loss: crossEntropy, optimizer: adam({ learningRate: 1 }) });
 * @throws AttributeError for numbers out of range and data without batches; the reason of `signal`; what a step throws. The model is as it was in any case.
 */
export async function findLearningRate(
  model: Module,
  data: Batches,
  options: FindLearningRateOptions,
): Promise<LearningRates> {
  checkRange(options);
  const { loss, optimizer, from = 1e-7, to = 10, steps = 100, smoothing = 0.9, divergence = 4, signal } = options;
  signal?.throwIfAborted();
  const rateAt = (step: number): number => from * (to / from) ** (step / (steps - 1));
  const program = new StepProgram<LabelledBatch>(
    model,
    { ...optimizer, learningRate: rateAt, schedules: [] },
    (batch) => ({ loss: lossOf(loss, model.forward(batch.x), batch) }),
    { ...options, accumulate: 1, quiet: true },
  );
  const random = randomState();
  const epoch = nextEpochOf(data);
  const before = [...namedCells(model).values()].map((cell) => ({ cell, value: cell.value }));
  const losses: number[] = [];
  const smoothed: number[] = [];
  let [average, lowest] = [0, Infinity];
  try {
    for await (const batch of endless(data, signal)) {
      signal?.throwIfAborted();
      checkBatch("findLearningRate", batch);
      const found = (await program.enqueue(batch).get("loss"))?.[0] ?? Number.NaN;
      average = smoothing * average + (1 - smoothing) * found;
      const now = average / (1 - smoothing ** (losses.length + 1)); // not pulled towards the 0 that it starts from
      if (!Number.isFinite(now)) break;
      losses.push(found);
      smoothed.push(now);
      lowest = Math.min(lowest, now);
      if (losses.length === steps || now > divergence * lowest) break;
    }
  } finally {
    for (const { cell, value } of before) {
      cell.set(value);
      value.dispose();
    }
    setRandomState(random);
    setNextEpoch(data, epoch);
  }
  const rates = losses.map((_, step) => rateAt(step));
  return { rates, losses, smoothed, suggestion: steepest(rates, smoothed) };
}

/** The rate before the largest fall from one step to the next: the steps are equal on a logarithmic axis. */
function steepest(rates: readonly number[], smoothed: readonly number[]): number | undefined {
  let [largest, found]: [number, number | undefined] = [0, undefined];
  for (const [step, value] of smoothed.entries()) {
    const fall = value - (smoothed[step + 1] ?? value);
    if (fall > largest) [largest, found] = [fall, rates[step]];
  }
  return found;
}
