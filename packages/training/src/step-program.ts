// The compiled training step: forward, backward, the optimizer's update and what is reported, traced into one graph.
import {
  AttributeError,
  type CompiledFunction,
  type Graph,
  Parameter,
  type Tensor,
  type TypedArray,
  add,
  compile,
  fromHost,
  hostScalar,
  identity,
  namedCells,
  training,
  valueAndGrad,
} from "@stria/core";
import type { NamedTensors, Optimizer } from "@stria/optimizers";
import { GradientSums, checkAccumulate } from "./accumulation.ts";
import { checkNoNaN } from "./finite.ts";
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
  /**
   * Batches that make one step together: their gradients are added up, weighted by their examples (the rows of `mask` that count, else the first axis),
   * so that the step is that of all of them as one batch, as far as the loss is a mean over examples; batch normalisation still sees each by itself.
   * Default 1.
   */
  readonly accumulate?: number;
}

/** A number that a run makes and the next one takes, so that it fails where that one failed. */
type Link = Tensor | undefined;

/** Under which a run reports it; no name of the user's. */
const linkName = " link";

interface ProgramOptions extends StepOptions {
  /** Whether to say nothing of a loss that is no number, where that is looked for. */
  readonly quiet?: boolean;
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

/** The compiled programs of a training step and the state it carries. */
export class StepProgram<Batch> {
  readonly state: TrainingState;
  readonly #accumulate: number;
  /** Forward, backward, and the update or, where several batches make a step, the sums of gradients. */
  readonly #step: CompiledFunction<[Batch, Link], Reported>;
  /** The update from the sums. */
  readonly #update: CompiledFunction<[Link], Tensor>;
  /** Made by the last batch that waits for a step, and needed by what follows it: where one fails, so does the step that it is part of. */
  #link: Link;
  readonly #evaluated: ReadonlySet<object>;
  #warned: boolean;

  constructor(model: object, optimizer: Optimizer, report: (batch: Batch) => Reported, options: ProgramOptions = {}) {
    const { safe = false, evaluate = [], accumulate = 1, quiet = false } = options;
    this.#warned = quiet;
    checkAccumulate(accumulate);
    const state = new TrainingState(model, optimizer, accumulate > 1 ? new GradientSums() : undefined);
    this.state = state;
    this.#accumulate = accumulate;
    this.#evaluated = modulesMatching(model, evaluate);
    const compileOptions = { modules: [model], safe };
    this.#step = compile((batch: Batch, link: Link) => traceBatch(state, report, batch, link), {
      name: "trainStep",
      ...compileOptions,
    });
    this.#update = compile((link: Link) => traceUpdate(state, link), { name: "trainStep", ...compileOptions });
  }

  /**
   * Starts on a batch, and on the update that it completes; returns what it reports, on its way to the host.
   * @throws what tracing and the checks of the batch throw; nothing has changed then.
   */
  enqueue(batch: Batch): Map<string, Promise<TypedArray>> {
    const { state } = this;
    const { sums } = state;
    const context = this.#context();
    const before = this.#linked();
    const { [linkName]: link, ...reported } = this.#inMode(() =>
      this.#step.runWith({ ...context, part: sums?.batches ?? 0 }, batch, before),
    );
    before?.dispose();
    this.#link = link;
    if (sums) sums.batches++;
    else state.steps++;
    const pending = new Map(Object.entries(reported).map(([name, value]) => [name, read(value)]));
    void pending.get("loss")?.then(
      ([loss]) => this.#checkLoss(loss, context.step),
      () => {
        if (sums) this.#forget(sums);
        else state.steps--; // a step that failed was none: schedules and bias corrections do not count it
      },
    );
    if (sums && sums.batches >= this.#accumulate) {
      const [loss, updated] = [pending.get("loss"), this.finish()];
      if (loss)
        pending.set(
          "loss",
          Promise.all([loss, updated]).then(([found]) => found),
        );
    }
    return pending;
  }

  /** Makes the step of the batches that are waiting for one, though they are fewer than `accumulate`. */
  async finish(): Promise<void> {
    const { state } = this;
    if (!state.sums || state.sums.batches === 0) return;
    const updated = read(this.#update.runWith(this.#context(), this.#linked()));
    this.#link?.dispose();
    this.#link = undefined;
    state.sums.batches = 0;
    state.steps++;
    try {
      await updated;
    } catch (error) {
      state.steps--;
      this.#forget(state.sums);
      throw error;
    }
  }

  /** What the next run takes, so that one trace does for all batches of a step. */
  #linked(): Link {
    if (this.state.sums) this.#link ??= fromHost(new Float32Array(1), [], "float32");
    return this.#link;
  }

  /** After a failure: the batches that waited for a step are none. */
  #forget(sums: GradientSums): void {
    this.#link = undefined;
    sums.clear();
  }

  #context(): { readonly step: number; readonly learningRate: number } {
    const { steps, optimizer } = this.state;
    const learningRate = optimizer.learningRate(steps);
    if (Number.isFinite(learningRate)) return { step: steps, learningRate };
    throw new AttributeError(
      "trainStep",
      `the learning rate of step ${steps} is ${learningRate}`,
      "check the schedule",
    );
  }

  #checkLoss(loss: number | undefined, step: number): void {
    if (this.#warned || Number.isFinite(loss)) return;
    this.#warned = true;
    warn(
      `the loss is ${loss} at step ${step}, and so will be the parameters. ` +
        "Lower the learning rate, clip the gradients, or look for NaN and extreme values in the data.",
    );
  }

  /** Resolves when the programs for such a batch are compiled. */
  async ready(batch: Batch): Promise<void> {
    const waiting: Promise<void>[] = [];
    this.#inMode(() => void waiting.push(this.#step.ready(batch, this.#linked())));
    if (this.state.sums) waiting.push(this.#update.ready(this.#linked()));
    await Promise.all(waiting);
  }

  /** The graph for such a batch. */
  graph(batch: Batch): Graph {
    return this.#inMode(() => this.#step.graph(batch, this.#linked()));
  }

  #inMode<T>(f: () => T): T {
    return training(f, { evaluate: this.#evaluated });
  }
}

function traceBatch<Batch>(
  state: TrainingState,
  report: (batch: Batch) => Reported,
  batch: Batch,
  link: Link,
): Reported {
  checkNoNaN("trainStep", batch);
  const { model, sums } = state;
  const trainable = trainableParameters(model);
  const reported: Record<string, Tensor> = {};
  const { value, grads } = valueAndGrad(model, () => {
    const { loss, ...others } = report(batch);
    // A tensor that is not traced would be freed with what else was made in here: as a value of the trace it lasts.
    for (const [name, other] of Object.entries(others)) reported[name] = identity(other);
    return loss;
  });
  if (sums) {
    sums.cellsFor(trainable);
    sums.add(grads, batch);
    if (link) reported[linkName] = add(link, 1);
  } else update(state, trainable, grads);
  return { ...reported, loss: value };
}

function traceUpdate(state: TrainingState, link: Link): Tensor {
  const trainable = trainableParameters(state.model);
  const { sums } = state;
  if (!sums) throw new AttributeError("trainStep", "there are no sums of gradients", "report this as a bug of Stria");
  sums.cellsFor(trainable);
  const { gradients, examples } = sums.take(trainable.keys());
  update(state, trainable, gradients);
  return link ? add(link, examples) : identity(examples);
}

/** Traces the optimizer's update of the parameters and of its own state. */
function update(state: TrainingState, trainable: ReadonlyMap<string, Parameter>, gradients: NamedTensors): void {
  state.slotsFor(trainable);
  const next = state.optimizer.update({
    gradients,
    parameters: new Map([...trainable].map(([path, parameter]) => [path, parameter.value])),
    state: state.read(),
    scalar: hostScalar,
  });
  for (const [path, parameter] of next.parameters) trainable.get(path)?.set(parameter);
  state.write(next.state);
}

async function read(value: Tensor): Promise<TypedArray> {
  try {
    return await value.data();
  } finally {
    value.dispose();
  }
}
