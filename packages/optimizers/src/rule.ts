// Optimizers that treat every parameter alike: a rule for one parameter, applied to all.
import { FormatError, type Tensor } from "@stria/core";
import { type Optimizer, type ScalarSource, mapValues } from "./optimizer.ts";
import { type Schedule, asSchedule } from "./schedules/schedule.ts";

/** What the rule makes of one parameter. */
export interface Step {
  readonly parameter: Tensor;
  /** The new value of every slot that is in use. */
  readonly state: Readonly<Record<string, Tensor>>;
}

/** The step of one parameter, from its value, its gradient and what its slots hold. */
export type ParameterRule = (parameter: Tensor, gradient: Tensor, state: (slot: string) => Tensor) => Step;

export interface RuleOptions {
  readonly learningRate: number | Schedule;
  /** The slots in use, and the value that fills each at first. */
  readonly slots: Readonly<Record<string, number>>;
  /** Called once for each trace: makes the scalars and returns the rule. */
  rule(scalar: ScalarSource): ParameterRule;
}

/** An optimizer that applies one rule to every parameter by itself. */
export function fromRule(name: string, { learningRate, slots, rule }: RuleOptions): Optimizer {
  const fills = new Map<string, number>(Object.entries(slots));
  return {
    learningRate: asSchedule(name, learningRate),
    init: (parameters) =>
      mapValues(fills, (value) => mapValues(parameters, ({ shape, dtype }) => ({ shape, dtype, value }))),
    update({ gradients, parameters, state, scalar }) {
      const apply = rule(scalar);
      const next = new Map<string, Tensor>();
      const slotsAfter = new Map([...fills.keys()].map((slot) => [slot, new Map<string, Tensor>()]));
      for (const [path, parameter] of parameters) {
        const gradient = required(gradients.get(path), name, `the gradient of ${path}`);
        const step = apply(parameter, gradient, (slot) =>
          required(state.get(slot)?.get(path), name, `slot "${slot}" of ${path}`),
        );
        next.set(path, step.parameter);
        for (const [slot, value] of Object.entries(step.state)) slotsAfter.get(slot)?.set(path, value);
      }
      return { parameters: next, state: slotsAfter };
    },
  };
}

function required(value: Tensor | undefined, name: string, what: string): Tensor {
  if (value === undefined)
    throw new FormatError(name, `${what} is missing`, "start from init() with the same parameters");
  return value;
}
