// fit: epochs of training steps over batches, with metrics, validation, callbacks, and a way to stop and to go on.
import { AttributeError, type Tensor, at, sum } from "@stria/core";
import type { Module } from "@stria/layers";
import type { Optimizer } from "@stria/optimizers";
import { type Batches, type LabelledBatch, checkBatch } from "../batch.ts";
import { type Position, checkpointBytes, restoreCheckpoint } from "../checkpoint/checkpoint.ts";
import { readWhole } from "../checkpoint/file.ts";
import { Totals, evaluate, measureAll } from "../evaluate.ts";
import { InFlight } from "../in-flight.ts";
import { type LossFunction, lossOf, meanLoss } from "../metrics/mean-loss.ts";
import type { MetricTable, Results } from "../metrics/metric.ts";
import { startMean } from "../metrics/sums.ts";
import { type Reported, type StepOptions, StepProgram } from "../step-program.ts";
import type { Callback, EpochReport, History, Run } from "./callback.ts";
import { epochBatches, lengthOf, nextEpochOf } from "./epoch-batches.ts";

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
  readonly callbacks?: readonly Callback[];
  /** Ends the run when the steps under way are done; what was reached is kept and returned. */
  readonly signal?: AbortSignal;
  /** A checkpoint to go on from: its bytes, or in Node the path of its file. */
  readonly resume?: Uint8Array | string;
}

/** Names of what a step reports besides the loss. */
const metricPrefix = "metric.";

function reportOf(loss: LossFunction, metrics: MetricTable, outputs: Tensor, batch: LabelledBatch): Reported {
  const measured = Object.entries(measureAll(metrics, outputs, batch)).map(
    ([name, value]) => [metricPrefix + name, value] as const,
  );
  return {
    loss: lossOf(loss, outputs, batch),
    ...(batch.mask && { rows: sum(batch.mask) }),
    ...Object.fromEntries(measured),
  };
}

class FitRun<Table extends MetricTable> implements Run {
  readonly model: Module;
  readonly epochs: number;
  readonly batches: number | undefined;
  readonly #data: Batches;
  readonly #options: FitOptions<Table>;
  readonly #metrics: MetricTable;
  /** One table for the whole run, so that evaluation is traced once. */
  readonly #validationMetrics: MetricTable;
  readonly #program: StepProgram<LabelledBatch>;
  #position: Position;
  #stopped = false;

  constructor(model: Module, data: Batches, options: FitOptions<Table>) {
    const { loss, optimizer, epochs, metrics = {} } = options;
    if (!Number.isSafeInteger(epochs) || epochs < 0)
      throw new AttributeError("fit", `epochs is ${epochs}`, "use a whole number >= 0");
    this.model = model;
    this.epochs = epochs;
    this.batches = lengthOf(data);
    this.#data = data;
    this.#options = options;
    this.#metrics = metrics;
    this.#validationMetrics = { ...metrics, loss: meanLoss(loss) };
    this.#program = new StepProgram(
      model,
      optimizer,
      (batch: LabelledBatch) => reportOf(loss, metrics, model.forward(batch.x), batch),
      options,
    );
    this.#position = { epoch: 0, batch: 0, dataEpoch: nextEpochOf(data) };
  }

  get state(): StepProgram<LabelledBatch>["state"] {
    return this.#program.state;
  }

  stop(): void {
    this.#stopped = true;
  }

  checkpoint(): Promise<Uint8Array> {
    return checkpointBytes(this, this.#position);
  }

  get #ended(): boolean {
    return this.#stopped || this.#options.signal?.aborted === true;
  }

  async run(): Promise<History<Results<Table>>> {
    const { resume } = this.#options;
    if (resume !== undefined)
      this.#position = restoreCheckpoint(this, typeof resume === "string" ? await readWhole(resume) : resume);
    await this.#tell((callback) => callback.onStart?.(this));
    const reports: EpochReport<Results<Table>>[] = [];
    while (this.#position.epoch < this.epochs && !this.#ended) {
      const report = await this.#epoch();
      if (!report) break;
      reports.push(report);
      await this.#tell((callback) => callback.onEpochEnd?.(this, report));
    }
    const stopped = this.#position.epoch < this.epochs;
    const history = { epochs: reports, steps: this.state.steps, stopped };
    await this.#tell((callback) => callback.onEnd?.(this, history));
    return history;
  }

  /** One epoch, from where the run is in it. Undefined when it was stopped inside. */
  async #epoch(): Promise<EpochReport<Results<Table>> | undefined> {
    const began = performance.now();
    const { epoch, batch: first, dataEpoch } = this.#position;
    const { validation } = this.#options;
    const totals = new Totals(this.#metrics);
    const meanOfLoss = startMean();
    const inFlight = new InFlight();
    let number = first;
    let whole = true;
    for await (const batch of epochBatches(this.#data, dataEpoch, first)) {
      await inFlight.room();
      if (this.#ended) {
        whole = false;
        break;
      }
      checkBatch("fit", batch);
      const [step, rows] = [this.state.steps, at(batch.x.shape, 0)];
      const pending = this.#program.enqueue(batch);
      this.#position = { epoch, batch: ++number, dataEpoch };
      const place = { epoch: epoch + 1, batch: number, step, learningRate: this.state.optimizer.learningRate(step) };
      inFlight.add(Promise.all([...pending].map(async ([name, data]) => [name, await data] as const)), (found) => {
        const values = new Map(found);
        const loss = values.get("loss")?.[0] ?? Number.NaN;
        const counted = values.get("rows")?.[0] ?? rows;
        meanOfLoss.add(Float32Array.of(loss * counted, counted));
        totals.add(new Map(found.map(([name, data]) => [name.slice(metricPrefix.length), data])));
        return this.#tell((callback) => callback.onStep?.(this, { ...place, loss, meanLoss: meanOfLoss.result() }));
      });
    }
    await inFlight.drain();
    if (!whole) return undefined;
    if (number === 0) throw new AttributeError("fit", "there are no batches", "pass a loader with at least one");
    this.#position = { epoch: epoch + 1, batch: 0, dataEpoch: dataEpoch + 1 };
    const found = validation && (await this.#validate(validation));
    return {
      epoch: epoch + 1,
      loss: meanOfLoss.result(),
      metrics: totals.results() as Results<Table>,
      ...(found && { validation: found }),
      seconds: (performance.now() - began) / 1000,
    };
  }

  async #validate(data: Batches): Promise<Results<Table> & { readonly loss: number }> {
    const found = await evaluate(this.model, data, this.#validationMetrics);
    return found as Results<Table> & { readonly loss: number };
  }

  async #tell(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#options.callbacks ?? []) await call(callback);
  }
}

/**
 * Trains a model: `epochs` passes over the batches, one compiled step each, at most two under way. Metrics of an epoch are of the training batches, each
 * at the time of its step; those of `validation` are of the model after it.
 * @returns the figures of every epoch.
 * @throws AttributeError for no batches, an empty one, or labels out of range; what a step threw.
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
  return new FitRun(model, batches, options).run();
}
