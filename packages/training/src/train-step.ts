// trainStep: a training step as a function of a batch.
import { type Graph, ShapeError, type Tensor, TraceError, type TypedArray, at, isTensor, showShape } from "@stria/core";
import type { Optimizer } from "@stria/optimizers";
import { type LabelledBatch, checkBatch } from "./batch.ts";
import { checkLoss, checkModel, checkOptimizer } from "./check-arguments.ts";
import { type Reported, type StepOptions, StepProgram } from "./step-program.ts";
import type { TrainingState } from "./training-state.ts";

/** What a loss function returns: the loss, or an object with it and other scalars to report. */
export type LossResult = Tensor | Reported;

/** The same as numbers. */
export type Numbers<Result> = Result extends Tensor
  ? { readonly loss: number }
  : { readonly [Name in keyof Result]: number };

/** The same as numbers on their way. */
export type Pending<Result> = { readonly [Name in keyof Numbers<Result>]: Promise<number> };

export interface TrainStep<Batch, Result extends LossResult> {
  /** Makes one step and waits for it. @throws when the step failed; see {@link StepOptions.safe} for what is then left. */
  (batch: Batch): Promise<Numbers<Result>>;
  /** Makes one step and does not wait, so that the next can start. Keep at most two on their way. */
  enqueue(batch: Batch): Pending<Result>;
  /** With `accumulate`: makes the step of the batches that wait for one, fewer than asked for; else does nothing. */
  finish(): Promise<void>;
  /** Resolves when the program for a batch of these shapes is compiled; no step is made. */
  ready(batch: Batch): Promise<void>;
  /** The traced graph for a batch of these shapes. */
  graph(batch: Batch): Graph;
  /** The optimizer's state and the number of steps: what a checkpoint holds besides the model. */
  readonly state: TrainingState;
}

/**
 * A training step: forward, backward, the optimizer's update and the new running statistics in one compiled program, in training mode. Traced once for
 * each shape of a batch. There is nothing to dispose. With `{ accumulate: n }` every n-th batch makes a step, from the gradients of all n.
 * @param loss a synchronous function of the model and a batch that returns a scalar, or `{ loss, ...others }`, scalars all.
 * @example
 * const step = trainStep(model, adam({ learningRate: 1e-3 }), (m, { x, y }: Batch) => crossEntropy(m.forward(x), y));
 * for (const batch of batches) console.log((await step(batch)).loss);
 */
export function trainStep<Model extends object, Batch = LabelledBatch, Result extends LossResult = LossResult>(
  model: Model,
  optimizer: Optimizer,
  loss: (model: Model, batch: Batch) => Result,
  options: StepOptions = {},
): TrainStep<Batch, Result> {
  checkModel("trainStep", model);
  checkOptimizer("trainStep", optimizer);
  checkLoss("trainStep", loss);
  const program = new StepProgram<Batch>(
    model,
    optimizer,
    (batch) => {
      const reported = reportOf(loss(model, batch));
      for (const [name, value] of Object.entries(reported))
        if (value.size !== 1)
          throw new ShapeError(
            "trainStep",
            `"${name}" is ${showShape(value.shape)}`,
            "report scalars: use mean() or sum()",
          );
      return reported;
    },
    options,
  );
  const enqueue = (batch: Batch): Pending<Result> => {
    checkBatch("trainStep", batch);
    const pending = Object.fromEntries([...program.enqueue(batch)].map(([name, data]) => [name, scalar(data)]));
    for (const value of Object.values(pending)) value.catch(() => {}); // who awaits one of them gets the error; the others are the same one
    return pending as Pending<Result>;
  };
  const step = async (batch: Batch): Promise<Numbers<Result>> => {
    const names: string[] = [];
    const values = await Promise.all(
      Object.entries<Promise<number>>(enqueue(batch)).map(([name, value]) => {
        names.push(name);
        return value;
      }),
    );
    return Object.fromEntries(names.map((name, index) => [name, at(values, index)])) as Numbers<Result>;
  };
  return Object.assign(step, {
    enqueue,
    finish: () => program.finish(),
    ready: (batch: Batch) => program.ready(batch),
    graph: (batch: Batch) => program.graph(batch),
    state: program.state,
  });
}

function isReported(value: unknown): value is Reported {
  return typeof value === "object" && value !== null && "loss" in value && Object.values(value).every(isTensor);
}

/** What a loss function returned, as a record of tensors. @throws TraceError for anything else, such as a Promise. */
function reportOf(result: unknown): Reported {
  if (isTensor(result)) return { loss: result };
  if (isReported(result)) return result;
  void Promise.resolve(result).catch(() => {}); // of a Promise that is refused nobody hears the error
  throw new TraceError(
    "trainStep",
    "the loss function returned neither a tensor nor an object of tensors with a loss in it",
    "return a scalar tensor or { loss, ...others } from a synchronous function; read values outside of it",
  );
}

async function scalar(data: Promise<TypedArray>): Promise<number> {
  return at(await data, 0);
}
