// Schedules that go one way: constant, by steps, exponential, by any factor, linear, polynomial.
import { checkFinite } from "../check.ts";
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
export function stepDecay(
  rate: number,
  { every, factor = 0.1 }: { readonly every: number; readonly factor?: number },
): Schedule {
  checkSteps("stepDecay", { every });
  checkFinite("stepDecay", { rate, factor });
  return (step) => rate * factor ** Math.floor(step / every);
}

/** The rate times `factor` at each of `milestones`, numbers of steps. */
export function multiStepDecay(
  rate: number,
  { milestones, factor = 0.1 }: { readonly milestones: readonly number[]; readonly factor?: number },
): Schedule {
  checkFinite("multiStepDecay", { rate, factor, ...named(milestones) });
  return (step) => rate * factor ** milestones.filter((milestone) => milestone <= step).length;
}

/** The rate times `factor` after every step. */
export function exponentialDecay(rate: number, { factor }: { readonly factor: number }): Schedule {
  checkFinite("exponentialDecay", { rate, factor });
  return (step) => rate * factor ** step;
}

/** The rate times factor(1), ..., factor(step), each a number for one step. */
export function multiplicative(rate: number, factor: (step: number) => number): Schedule {
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
export function polynomialDecay(
  rate: number,
  { steps, power = 1 }: { readonly steps: number; readonly power?: number },
): Schedule {
  checkSteps("polynomialDecay", { steps });
  checkFinite("polynomialDecay", { rate, power });
  return (step) => rate * Math.max(0, 1 - step / steps) ** power;
}

/** One schedule after the other: the next begins, at its own step 0, at each of `milestones`. */
export function sequence(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  checkFinite("sequence", named(milestones));
  return (step) => {
    const index = milestones.filter((milestone) => milestone <= step).length;
    return schedules[Math.min(index, schedules.length - 1)]?.(step - (milestones[index - 1] ?? 0)) ?? 0;
  };
}
