// How long training will take here, and how much memory: from a few steps of the model itself, of which nothing is left.
import {
  AttributeError,
  type Tensor,
  at,
  bytesOf,
  evaluating,
  compile,
  namedCells,
  randomState,
  setRandomState,
  sizeOf,
  slice,
} from "@stria/core";
import { type Module, countParameters, summary } from "@stria/layers";
import type { Optimizer } from "@stria/optimizers";
import { type LabelledBatch, checkBatch } from "../batch.ts";
import { checkModel } from "../check-arguments.ts";
import { type LossFunction, lossOf } from "../metrics/mean-loss.ts";
import { type StepOptions, StepProgram } from "../step-program.ts";
import { shortSize, shortTime } from "./text.ts";
import { type TimedBatch, type Trial, timeBatch } from "./timing.ts";

interface CommonOptions {
  /** Examples of an epoch (of a pass, in inference). */
  readonly examples: number;
  /** How long it may try, about; compiling comes on top. Default 2. */
  readonly seconds?: number;
  /** Ends it after the step under way, with an error: the signal's reason. The model is as it was. */
  readonly signal?: AbortSignal;
}

export interface ForecastTrainingOptions extends CommonOptions, Omit<StepOptions, "accumulate"> {
  /** As it is given to fit. */
  readonly loss: LossFunction;
  /** As it is given to fit. */
  readonly optimizer: Optimizer;
}

export type ForecastInferenceOptions = CommonOptions;

/** What training, or inference, will take on the backend in use. */
export interface Forecast extends TimedBatch {
  readonly examples: number;
  readonly batchSize: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** Without what the loader needs, where that is the slower one, and without compiling. */
  readonly secondsPerEpoch: number;
  /**
   * Bytes of parameters, their gradients and the optimizer's state, of a batch, and of the activations that are live at once (see `summary`). Copies that a backend
   * makes for its kernels come on top.
   */
  readonly bytes: number;
  /** `50,000 examples in batches of 32: 74 s an epoch, 410 MB`. */
  toString(): string;
}

/** The first `count` rows: a tensor of the caller's. */
function firstRows(tensor: Tensor, count: number): Tensor {
  const start = tensor.shape.map(() => 0);
  return slice(tensor, start, [count, ...tensor.shape.slice(1)]);
}

/** A batch's first examples, for every number of them that was asked for; the tensors are given back at the end. */
class Parts {
  readonly #batch: LabelledBatch;
  readonly #parts = new Map<number, LabelledBatch>();

  constructor(batch: LabelledBatch) {
    this.#batch = batch;
  }

  first(count: number): LabelledBatch {
    const { x, y, mask } = this.#batch;
    if (count === x.shape[0]) return this.#batch;
    const rows = (tensor: Tensor): Tensor => firstRows(tensor, count);
    const part = this.#parts.get(count) ?? { x: rows(x), y: rows(y), ...(mask && { mask: rows(mask) }) };
    this.#parts.set(count, part);
    return part;
  }

  dispose(): void {
    for (const { x, y, mask } of this.#parts.values()) for (const tensor of [x, y, mask]) tensor?.dispose();
  }
}

function checkOptions(subject: string, { examples, seconds = 2 }: CommonOptions): void {
  if (!Number.isSafeInteger(examples) || examples < 1)
    throw new AttributeError(subject, `examples is ${examples}`, "pass how many an epoch has");
  if (!(seconds > 0 && Number.isFinite(seconds)))
    throw new AttributeError(subject, `seconds is ${seconds}`, "use a number above 0");
}

type Figures = Omit<Forecast, "steps" | "secondsPerEpoch" | "toString">;

function forecastOf(figures: Figures, pass: string): Forecast {
  const { examples, batchSize, secondsPerStep, bytes } = figures;
  const steps = Math.ceil(examples / batchSize);
  const secondsPerEpoch = steps * secondsPerStep;
  const text = `${examples.toLocaleString("en-US")} examples in batches of ${batchSize}: ${shortTime(secondsPerEpoch)} ${pass}, ${shortSize(bytes)}`;
  return { ...figures, steps, secondsPerEpoch, toString: () => text };
}

function bytesOfTensors(tensors: Iterable<Pick<Tensor, "shape" | "dtype">>): number {
  return [...tensors].reduce((all, { shape, dtype }) => all + sizeOf(shape) * bytesOf(dtype), 0);
}

/**
 * Forecasts what training a model will take here: makes a few steps with the first examples of a batch on the backend in use, and puts everything back as it was, the model's parameters
 * and state and the random streams. Where a whole batch would take longer than `seconds` allows, two smaller ones are timed and the rest is extrapolated.
 * @example
 * const found = await forecastTraining(model, batch, { examples: 50_000, loss: crossEntropy, optimizer: adam({ learningRate: 1e-3 }) });
 * console.log(String(found)); // 50,000 examples in batches of 32: 74 s an epoch, 410 MB
 * @throws AttributeError for numbers out of range and an empty batch; the reason of `signal`; what a step throws. The model is as it was in any case.
 */
export async function forecastTraining(
  model: Module,
  batch: LabelledBatch,
  options: ForecastTrainingOptions,
): Promise<Forecast> {
  checkOptions("forecastTraining", options);
  checkModel("forecastTraining", model, true);
  checkBatch("forecastTraining", batch);
  const { loss, optimizer, examples, seconds = 2, signal } = options;
  signal?.throwIfAborted();
  const program = new StepProgram<LabelledBatch>(
    model,
    optimizer,
    (given) => ({ loss: lossOf(loss, model.forward(given.x), given) }),
    { ...options, accumulate: 1, quiet: true },
  );
  const batchSize = at(batch.x.shape, 0);
  const parts = new Parts(batch);
  const random = randomState();
  const before = [...namedCells(model).values()].map((cell) => ({ cell, value: cell.value }));
  try {
    const trial: Trial = {
      ready: (count) => program.ready(parts.first(count)),
      run: async (count) => void (await program.enqueue(parts.first(count)).get("loss")),
    };
    const timed = await timeBatch(trial, batchSize, { seconds, signal });
    const { memory } = summary(model, batch.x.shape.slice(1), { inputDType: batch.x.dtype });
    const gradients = 4 * countParameters(model, { trainable: true });
    const state = bytesOfTensors(program.state.cells().values());
    const given = bytesOfTensors([batch.y, ...(batch.mask ? [batch.mask] : [])]);
    const bytes = memory.parameters + gradients + state + given + batchSize * memory.training;
    return forecastOf({ ...timed, examples, batchSize, bytes }, "an epoch");
  } finally {
    for (const { cell, value } of before) {
      cell.set(value);
      value.dispose();
    }
    parts.dispose();
    setRandomState(random);
  }
}

/**
 * The same for inference: runs the model in evaluation mode on the first examples of `x` [N, ...]. Nothing of the model changes.
 * @example console.log(String(await forecastInference(model, images, { examples: 10_000 })));
 * @throws AttributeError for numbers out of range and an empty batch; the reason of `signal`; what the model throws.
 */
export async function forecastInference(
  model: Module,
  x: Tensor,
  options: ForecastInferenceOptions,
): Promise<Forecast> {
  checkOptions("forecastInference", options);
  checkModel("forecastInference", model, true);
  checkBatch("forecastInference", { x });
  const { examples, seconds = 2, signal } = options;
  signal?.throwIfAborted();
  const batchSize = at(x.shape, 0);
  const forward = compile((given: Tensor) => model.forward(given), { name: "forecastInference", modules: [model] });
  const parts = new Map<number, Tensor>();
  const part = (count: number): Tensor => {
    const known = parts.get(count) ?? (count === batchSize ? x : firstRows(x, count));
    parts.set(count, known);
    return known;
  };
  try {
    const trial: Trial = {
      ready: async (count) => {
        const waiting: Promise<void>[] = [];
        evaluating(() => void waiting.push(forward.ready(part(count))));
        await Promise.all(waiting);
      },
      run: async (count) => {
        const y = evaluating(() => forward(part(count)));
        await y.data();
        y.dispose();
      },
    };
    const timed = await timeBatch(trial, batchSize, { seconds, signal });
    const { memory } = summary(model, x.shape.slice(1), { inputDType: x.dtype });
    const bytes = memory.parameters + batchSize * memory.inference;
    return forecastOf({ ...timed, examples, batchSize, bytes }, "a pass");
  } finally {
    for (const [count, tensor] of parts) if (count !== batchSize) tensor.dispose();
    forward.clear();
  }
}
