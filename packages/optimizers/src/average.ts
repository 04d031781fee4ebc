// Averages of parameters over the steps: exponential (EMA) and plain (SWA).
import { FormatError, type Tensor, add, mul } from "@stria/core";
import { checkShares } from "./check.ts";
import { type NamedTensors, type Optimizer, type OptimizerState, type ScalarSource, mapValues } from "./optimizer.ts";
import { checkSteps } from "./schedules/schedule.ts";

/** The share that the parameters after a step have in the new average, by the number of earlier steps; 1: the average starts anew. */
export type AverageShare = (step: number) => number;

/** The exponential moving average: average = decay average + (1 - decay) parameter. The first parameters start it. */
export function ema(decay: number): AverageShare {
  checkShares("ema", { decay });
  return (step) => (step === 0 ? 1 : 1 - decay);
}

/**
 * Stochastic weight averaging (Izmailov et al. 2018): the mean of the parameters after step `from` (counted from 0) and after every `every`-th
 * step from there on. Until then it follows the parameters.
 */
export function swa({ from = 0, every = 1 }: { readonly from?: number; readonly every?: number } = {}): AverageShare {
  checkSteps("swa", { "from + 1": from + 1, every });
  return (step) => {
    const since = step - from;
    if (since <= 0) return 1;
    return since % every === 0 ? 1 / (since / every + 1) : 0;
  };
}

export interface AverageContext {
  /** The average so far; anything finite before the first step. */
  readonly average: NamedTensors;
  readonly parameters: NamedTensors;
  readonly scalar: ScalarSource;
}

/** The average with the newest parameters in it, path by path. */
export function moveAverage(share: AverageShare, { average, parameters, scalar }: AverageContext): Map<string, Tensor> {
  const added = scalar("average.added", ({ step }) => share(step));
  const kept = scalar("average.kept", ({ step }) => 1 - share(step));
  return mapValues(parameters, (parameter, path) => {
    const old = average.get(path);
    if (!old) throw new FormatError("moveAverage", `the average of ${path} is missing`, "start from zeros");
    return add(mul(old, kept), mul(parameter, added));
  });
}

const slot = "average";

/** The average in the state of an optimizer made by `withAverage`. */
export function averageIn(state: OptimizerState): NamedTensors {
  const average = state.get(slot);
  if (!average)
    throw new FormatError(
      "averageIn",
      `the state has no slot "${slot}"`,
      "wrap the optimizer, outermost, in withAverage",
    );
  return average;
}

/**
 * An optimizer that keeps an average of the parameters in its state, in the slot "average": in a training step it is part of the same graph.
 * @example
 * const step = trainStep(model, withAverage(adam({ learningRate: 1e-3 }), ema(0.999)), loss);
 * // ... training ...
 * await withParameters(model, averageIn(step.state.read()), () => evaluate(model, validation, ...));
 */
export function withAverage(optimizer: Optimizer, share: AverageShare): Optimizer {
  return {
    learningRate: optimizer.learningRate,
    schedules: optimizer.schedules ?? [],
    init(parameters) {
      const zeros = mapValues(parameters, ({ shape, dtype }) => ({ shape, dtype, value: 0 }));
      return new Map([...optimizer.init(parameters), [slot, zeros]]);
    },
    update(context) {
      const { parameters, state } = optimizer.update(context);
      const average = moveAverage(share, { average: averageIn(context.state), parameters, scalar: context.scalar });
      return { parameters, state: new Map([...state, [slot, average]]) };
    },
  };
}
