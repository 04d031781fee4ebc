// A run of fit: epochs of steps, what is told of them, and where it stands.
import { AttributeError, at } from "@stria/core";
import type { Module } from "@stria/layers";
import { withParameters } from "@stria/optimizers";
import { type Batches, type LabelledBatch, checkBatch } from "../batch.ts";
import { type Position, encodeRun, restoreRun } from "../checkpoint/checkpoint.ts";
import type { CallbackState } from "../checkpoint/run-state.ts";
import { evaluate } from "../evaluate.ts";
import { readWhole } from "../files.ts";
import { InFlight } from "../in-flight.ts";
import { meanLoss } from "../metrics/mean-loss.ts";
import type { MetricTable, Results } from "../metrics/metric.ts";
import { startMean } from "../metrics/sums.ts";
import { StepProgram } from "../step-program.ts";
import type { Callback, EpochReport, History, Run } from "./callback.ts";
import { epochBatches, lengthOf, nextEpochOf } from "./epoch-batches.ts";
import { EpochTotals } from "./epoch-totals.ts";
import type { FitOptions } from "./fit.ts";
import { contributionsOf, reportOf } from "./report.ts";

export class FitRun<Table extends MetricTable> implements Run {
  readonly model: Module;
  readonly epochs: number;
  readonly batches: number | undefined;
  readonly #data: Batches;
  readonly #options: FitOptions<Table>;
  readonly #callbacks: readonly Callback[];
  readonly #metrics: Table;
  /** One table for the whole run, so that evaluation is traced once. */
  readonly #validationMetrics: MetricTable;
  readonly #program: StepProgram<LabelledBatch>;
  #position: Position;
  #totals: EpochTotals<Table>;
  #stopped = false;

  constructor(model: Module, data: Batches, options: FitOptions<Table>) {
    const { loss, optimizer, epochs, metrics = {}, callbacks = [] } = options;
    if (!Number.isSafeInteger(epochs) || epochs < 0)
      throw new AttributeError("fit", `epochs is ${epochs}`, "use a whole number >= 0");
    checkNames(callbacks);
    this.model = model;
    this.epochs = epochs;
    this.batches = lengthOf(data);
    this.#data = data;
    this.#options = options;
    this.#callbacks = callbacks;
    this.#metrics = metrics as Table;
    this.#validationMetrics = { ...metrics, loss: meanLoss(loss) };
    this.#program = new StepProgram(
      model,
      optimizer,
      (batch: LabelledBatch) => reportOf(loss, metrics, model.forward(batch.x), batch),
      options,
    );
    this.#position = { epoch: 0, batch: 0, dataEpoch: nextEpochOf(data) };
    this.#totals = new EpochTotals(this.#metrics);
  }

  get state(): StepProgram<LabelledBatch>["state"] {
    return this.#program.state;
  }

  get epoch(): number {
    return this.#position.epoch;
  }

  stop(): void {
    this.#stopped = true;
  }

  checkpoint(): Promise<Uint8Array> {
    const callbacks = new Map<string, CallbackState>();
    for (const callback of this.#callbacks)
      if (callback.name !== undefined && callback.save) callbacks.set(callback.name, callback.save());
    return encodeRun(
      this,
      this.#position,
      this.#totals.save().then((totals) => ({ totals, callbacks })),
    );
  }

  get #ended(): boolean {
    return this.#stopped || this.#options.signal?.aborted === true;
  }

  async run(): Promise<History<Results<Table>>> {
    const { resume } = this.#options;
    if (resume !== undefined) this.#restore(typeof resume === "string" ? await readWhole(resume) : resume);
    await this.#tell((callback) => callback.onStart?.(this));
    const reports: EpochReport<Results<Table>>[] = [];
    while (this.#position.epoch < this.epochs && !this.#ended) {
      const report = await this.#epoch();
      if (!report) break;
      reports.push(report);
      await this.#tell((callback) => callback.onEpochEnd?.(this, report));
      await this.#tell((callback) => callback.afterEpoch?.(this, report));
    }
    const stopped = this.#position.epoch < this.epochs;
    const history = { epochs: reports, steps: this.state.steps, stopped };
    await this.#tell((callback) => callback.onEnd?.(this, history));
    return history;
  }

  #restore(bytes: Uint8Array): void {
    const { info, run } = restoreRun(this, bytes);
    this.#position = { epoch: info.epoch, batch: info.batch, dataEpoch: info.dataEpoch };
    this.#totals = new EpochTotals(this.#metrics, run.totals);
    for (const callback of this.#callbacks) {
      const saved = callback.name === undefined ? undefined : run.callbacks.get(callback.name);
      if (saved) callback.restore?.(saved);
    }
  }

  /** One epoch, from where the run is in it. Undefined when it was stopped inside. */
  async #epoch(): Promise<EpochReport<Results<Table>> | undefined> {
    const began = performance.now();
    const { epoch, dataEpoch } = this.#position;
    const inFlight = new InFlight();
    try {
      if (!(await this.#steps(inFlight))) return undefined;
    } finally {
      await inFlight.settled(); // also after an error: nobody is to find the model in the middle of a step
    }
    const validation = await this.#validate();
    if (validation === "stopped") return undefined;
    const totals = this.#totals;
    this.#position = { epoch: epoch + 1, batch: 0, dataEpoch: dataEpoch + 1 };
    this.#totals = new EpochTotals(this.#metrics);
    return {
      epoch: epoch + 1,
      loss: totals.loss,
      metrics: totals.results(),
      ...(validation && { validation }),
      seconds: (performance.now() - began) / 1000,
    };
  }

  /** The steps of the epoch that are left. Whether all were made. */
  async #steps(inFlight: InFlight): Promise<boolean> {
    const { epoch, batch: first, dataEpoch } = this.#position;
    const totals = this.#totals;
    let number = first;
    let stepLoss = startMean();
    let whole = true;
    for await (const batch of epochBatches(this.#data, dataEpoch, first, this.#options.signal)) {
      await inFlight.room();
      if (this.#ended) {
        whole = false;
        break;
      }
      checkBatch("fit", batch);
      const { steps: step } = this.state;
      const learningRate = this.state.optimizer.learningRate(step);
      const contributions = contributionsOf(this.#program.enqueue(batch), at(batch.x.shape, 0));
      this.#position = { epoch, batch: ++number, dataEpoch };
      totals.expect(contributions);
      const loss = stepLoss;
      const report = { epoch: epoch + 1, batch: number, step, learningRate };
      const made = this.state.steps > step;
      if (made) stepLoss = startMean();
      inFlight.add(contributions, async (found) => {
        await totals.take(contributions);
        loss.add(found.get("") ?? new Float64Array());
        if (made) await this.#tellOfStep({ ...report, loss: loss.result() });
      });
    }
    if (!whole || this.#options.signal?.aborted) {
      await inFlight.drain();
      return false;
    }
    if (number === 0) throw new AttributeError("fit", "there are no batches", "pass a loader with at least one");
    const { steps: step } = this.state;
    const learningRate = this.state.optimizer.learningRate(step);
    if ((this.state.sums?.batches ?? 0) > 0)
      inFlight.add(this.#program.finish(), () =>
        this.#tellOfStep({ epoch: epoch + 1, batch: number, step, learningRate, loss: stepLoss.result() }),
      );
    await inFlight.drain();
    return this.#options.signal?.aborted !== true;
  }

  #tellOfStep(step: Omit<Parameters<NonNullable<Callback["onStep"]>>[1], "meanLoss">): Promise<void> {
    return this.#tell((callback) => callback.onStep?.(this, { ...step, meanLoss: this.#totals.loss }));
  }

  /** Figures of the validation data; "stopped" when the signal came meanwhile. */
  async #validate(): Promise<(Results<Table> & { readonly loss: number }) | "stopped" | undefined> {
    const { validation, signal, validateAverage = false } = this.#options;
    if (!validation) return undefined;
    const measure = (): Promise<unknown> =>
      evaluate(this.model, validation, this.#validationMetrics, signal ? { signal } : {});
    try {
      const found = validateAverage ? await this.#withAverage(measure) : await measure();
      return found as Results<Table> & { readonly loss: number };
    } catch (error) {
      if (signal?.aborted) return "stopped";
      throw error;
    }
  }

  async #withAverage<T>(f: () => Promise<T>): Promise<T> {
    const average = this.state.average();
    try {
      return await withParameters(this.model, average, f);
    } finally {
      for (const tensor of average.values()) tensor.dispose();
    }
  }

  async #tell(call: (callback: Callback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#callbacks) await call(callback);
  }
}

function checkNames(callbacks: readonly Callback[]): void {
  const names = callbacks.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new AttributeError("fit", `two callbacks are named "${twice}"`, "give each a name of its own");
}
