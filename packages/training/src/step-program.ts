// The compiled training step: forward, backward, the optimizer's update and what is reported, traced into one graph.
import {
  AttributeError,
  type CompiledFunction,
  type Graph,
  Parameter,
  type Tensor,
  type TypedArray,
  compile,
  hostScalar,
  identity,
  namedCells,
  training,
  valueAndGrad,
} from "@stria/core";
import type { Optimizer } from "@stria/optimizers";
import { modulesMatching } from "./path-pattern.ts";
import { TrainingState } from "./training-state.ts";
import { warn } from "./warn.ts";

/** What a step computes for its caller: the loss, a scalar, and other tensors by name. */
export interface Reported {
  readonly loss: Tensor;
  readonly [name: string]: Tensor;
}

export interface StepOptions {
  /**
   * Keep the old parameters until a step has succeeded, so that a step that fails changes nothing. Default false: a step takes their memory over, and
   * a failure on the device loses them.
   */
  readonly safe?: boolean;
  /** Paths of layers that stay in evaluation mode, such as frozen batch normalisation: `["layer1.*"]`. */
  readonly evaluate?: readonly string[];
}

/** The parameters of `model` that training changes, by path. @throws AttributeError where there are none. */
export function trainableParameters(model: object): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  for (const [path, cell] of namedCells(model))
    if (cell instanceof Parameter && cell.trainable) parameters.set(path, cell);
  if (parameters.size === 0)
    throw new AttributeError(
      "trainStep",
      "the model has no trainable parameters",
      "check its fields, and what was frozen",
    );
  return parameters;
}

/** One compiled training step and the state it carries. */
export class StepProgram<Batch> {
  readonly state: TrainingState;
  readonly #step: CompiledFunction<[Batch], Reported>;
  readonly #evaluated: ReadonlySet<object>;
  #warned = false;

  constructor(model: object, optimizer: Optimizer, report: (batch: Batch) => Reported, options: StepOptions = {}) {
    const { safe = false, evaluate = [] } = options;
    const state = new TrainingState(model, optimizer);
    this.state = state;
    this.#evaluated = modulesMatching(model, evaluate);
    this.#step = compile((batch: Batch) => trace(state, report, batch), { name: "trainStep", modules: [model], safe });
  }

  /** Starts a step; returns what it reports, on its way to the host. @throws what tracing and the checks of the batch throw; nothing has changed then. */
  enqueue(batch: Batch): Map<string, Promise<TypedArray>> {
    const { state } = this;
    const learningRate = state.optimizer.learningRate(state.steps);
    if (!Number.isFinite(learningRate))
      throw new AttributeError(
        "trainStep",
        `the learning rate of step ${state.steps} is ${learningRate}`,
        "check the schedule",
      );
    const context = { step: state.steps, learningRate };
    const reported = this.#inMode(() => this.#step.runWith(context, batch));
    state.steps++;
    const pending = new Map(Object.entries(reported).map(([name, tensor]) => [name, read(tensor)]));
    void pending.get("loss")?.then(
      ([loss]) => this.#checkLoss(loss, context.step),
      () => void state.steps--, // a step that failed was none: schedules and bias corrections do not count it
    );
    return pending;
  }

  #checkLoss(loss: number | undefined, step: number): void {
    if (this.#warned || Number.isFinite(loss)) return;
    this.#warned = true;
    warn(
      `the loss is ${loss} at step ${step}, and so will be the parameters. ` +
        "Lower the learning rate, clip the gradients, or look for NaN and extreme values in the data.",
    );
  }

  /** Resolves when the program for such a batch is compiled. */
  async ready(batch: Batch): Promise<void> {
    const waiting: Promise<void>[] = [];
    this.#inMode(() => void waiting.push(this.#step.ready(batch)));
    await Promise.all(waiting);
  }

  /** The graph for such a batch. */
  graph(batch: Batch): Graph {
    return this.#inMode(() => this.#step.graph(batch));
  }

  #inMode<T>(f: () => T): T {
    return training(f, { evaluate: this.#evaluated });
  }
}

function trace<Batch>(state: TrainingState, report: (batch: Batch) => Reported, batch: Batch): Reported {
  const { model, optimizer } = state;
  const trainable = trainableParameters(model);
  const reported: Record<string, Tensor> = {};
  const { value, grads } = valueAndGrad(model, () => {
    const { loss, ...others } = report(batch);
    // A tensor that is not traced would be freed with what else was made in here: as a value of the trace it lasts.
    for (const [name, other] of Object.entries(others)) reported[name] = identity(other);
    return loss;
  });
  state.slotsFor(trainable);
  const next = optimizer.update({
    gradients: grads,
    parameters: new Map([...trainable].map(([path, parameter]) => [path, parameter.value])),
    state: state.read(),
    scalar: hostScalar,
  });
  for (const [path, parameter] of next.parameters) trainable.get(path)?.set(parameter);
  state.write(next.state);
  return { ...reported, loss: value };
}

async function read(tensor: Tensor): Promise<TypedArray> {
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}
