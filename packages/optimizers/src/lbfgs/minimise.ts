// Minimising a function of named tensors, or of a model's parameters, by L-BFGS.
import { AttributeError, Parameter, type Tensor, compile, namedCells, valueAndGrad } from "@stria/core";
import type { NamedTensors } from "../optimizer.ts";
import { type LbfgsOptions, type Objective, type Stop, evaluateAt, lbfgs, parametersOf } from "./lbfgs.ts";

export interface Minimum {
  readonly parameters: NamedTensors;
  /** The function there. */
  readonly value: number;
  readonly iterations: number;
  readonly evaluations: number;
  /** "gradient" or "change": it is a minimum as far as the tolerances say; "iterations", "evaluations", "signal": it was ended before. */
  readonly stopped: Stop;
}

/**
 * A minimum of a smooth function of named tensors near `parameters`, by L-BFGS with at most 100 iterations and 1,000 evaluations unless options
 * say otherwise. A `signal` ends it after the iteration under way, and what was reached is returned.
 * @example
 * const energy = (p: NamedTensors): Tensor => ...;
 * const { parameters, value } = await minimise(valueAndGrad(energy), new Map([["x", tensor([3, 4])]]));
 * @throws AttributeError when the function is not finite where a line starts.
 */
export async function minimise(
  objective: Objective,
  parameters: NamedTensors,
  options: LbfgsOptions = {},
): Promise<Minimum> {
  const method = lbfgs({ maxIterations: 100, maxEvaluations: 1000, ...options });
  const state = await method.step(objective, await method.init(parameters));
  const { value } = await evaluateAt(objective, state.layout, state.point);
  const { iterations, evaluations, stopped = "iterations" } = state;
  return { parameters: parametersOf(state), value, iterations, evaluations: evaluations + 1, stopped };
}

/**
 * Minimises a scalar function of a model by its trainable parameters, and leaves them at the minimum, or where a `signal` ended it; when it fails, where they were. Layers that
 * behave differently in training want their mode: `(m) => evaluating(() => loss(m))`.
 * @example await minimiseModel(model, (m) => crossEntropy(m.forward(images), labels), { historySize: 10 });
 * @throws AttributeError for a model without trainable parameters, or a loss that is not finite.
 */
export async function minimiseModel<Model extends object>(
  model: Model,
  loss: (model: Model) => Tensor,
  options: LbfgsOptions = {},
): Promise<Minimum> {
  const cells = new Map<string, Parameter>();
  for (const [path, cell] of namedCells(model)) if (cell instanceof Parameter && cell.trainable) cells.set(path, cell);
  if (cells.size === 0)
    throw new AttributeError("minimiseModel", "the model has no trainable parameters", "check what was frozen");
  const load = (values: NamedTensors): void => {
    for (const [path, value] of values) cells.get(path)?.set(value);
  };
  const evaluate = compile(() => valueAndGrad(model, loss), { name: "minimiseModel", modules: [model] });
  const start = new Map([...cells].map(([path, cell]) => [path, cell.value]));
  try {
    const minimum = await minimise(
      (parameters) => {
        load(parameters);
        return evaluate();
      },
      start,
      options,
    );
    load(minimum.parameters);
    return minimum;
  } catch (error) {
    load(start);
    throw error;
  } finally {
    for (const value of start.values()) value.dispose();
    evaluate.clear();
  }
}
