// Schedules that go one way: constant, by steps, exponential, by any factor, linear, polynomial.
import { checkFinite, checkFunction, checkList, optionsOf } from "../check.ts";
import { runningProduct } from "../running-product.ts";
import { type Schedule, between, checkSteps } from "./schedule.ts";

function named(milestones: readonly number[]): Record<string, number> {
  return Object.fromEntries(milestones.map((milestone, index) => [`milestones[${index}]`, milestone]));
}

/** The same rate always. @throws AttributeError for a rate that is no finite number. */
export function constant(rate: number): Schedule {
  checkFinite("constant", { rate });
  return () => rate;
}

/** The rate times `factor` after every `every` steps. */
export function stepDecay(rate: number, options: { readonly every: number; readonly factor?: number }): Schedule {
  const { every, factor = 0.1 } = optionsOf("stepDecay", options, "{ every: 1000 }");
  checkSteps("stepDecay", { every });
  checkFinite("stepDecay", { rate, factor });
  return (step) => rate * factor ** Math.floor(step / every);
}

/** The rate times `factor` at each of `milestones`, numbers of steps. */
export function multiStepDecay(
  rate: number,
  options: { readonly milestones: readonly number[]; readonly factor?: number },
): Schedule {
  const { milestones, factor = 0.1 } = optionsOf("multiStepDecay", options, "{ milestones: [1000, 2000] }");
  checkList("multiStepDecay", "milestones", milestones, "pass numbers of steps, such as [1000, 2000]");
  checkFinite("multiStepDecay", { rate, factor, ...named(milestones) });
  return (step) => rate * factor ** milestones.filter((milestone) => milestone <= step).length;
}

/** The rate times `factor` after every step. */
export function exponentialDecay(rate: number, options: { readonly factor: number }): Schedule {
  const { factor } = optionsOf("exponentialDecay", options, "{ factor: 0.999 }");
  checkFinite("exponentialDecay", { rate, factor });
  return (step) => rate * factor ** step;
}

/** The rate times factor(1), ..., factor(step), each a number for one step. */
export function multiplicative(rate: number, factor: (step: number) => number): Schedule {
  checkFinite("multiplicative", { rate });
  checkFunction("multiplicative", "factor", factor, "pass a function of the step, such as () => 0.999");
  const product = runningProduct(factor);
  return (step) => rate * product(step);
}

/** In a line from `from` at step 0 to `to` at step `steps`, and `to` from there on. */
export function linear(from: number, to: number, steps: number): Schedule {
  checkSteps("linear", { steps });
  checkFinite("linear", { from, to });
  return (step) => between(from, to, Math.min(step / steps, 1));
}

/** rate (1 - step / steps)^power, and 0 from `steps` on. */
export function polynomialDecay(rate: number, options: { readonly steps: number; readonly power?: number }): Schedule {
  const { steps, power = 1 } = optionsOf("polynomialDecay", options, "{ steps: 1000 }");
  checkSteps("polynomialDecay", { steps });
  checkFinite("polynomialDecay", { rate, power });
  return (step) => rate * Math.max(0, 1 - step / steps) ** power;
}

/** One schedule after the other: the next begins, at its own step 0, at each of `milestones`. */
export function sequence(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  checkList("sequence", "schedules", schedules, "pass a list of schedules, such as [linear(0, 1, 10), constant(1)]");
  for (const schedule of schedules)
    checkFunction("sequence", "a schedule", schedule, "pass what makes one returns, such as constant(1e-3)");
  checkList("sequence", "milestones", milestones, "pass numbers of steps, such as [1000]");
  checkFinite("sequence", named(milestones));
  return (step) => {
    const index = milestones.filter((milestone) => milestone <= step).length;
    return schedules[Math.min(index, schedules.length - 1)]?.(step - (milestones[index - 1] ?? 0)) ?? 0;
  };
}
