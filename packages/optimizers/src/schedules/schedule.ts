// A schedule: the learning rate as a pure function of the number of earlier steps.
import { AttributeError } from "@stria/core";

/** The learning rate at `step`, the number of earlier updates, from 0. */
export type Schedule = (step: number) => number;

/** A constant rate is a schedule too. @throws AttributeError when it is not a finite number >= 0. */
export function asSchedule(name: string, rate: number | Schedule): Schedule {
  if (typeof rate === "function") return rate;
  if (!(Number.isFinite(rate) && rate >= 0))
    throw new AttributeError(name, `learningRate is ${String(rate)}`, "use a finite number >= 0, or a schedule");
  return () => rate;
}

/** @throws AttributeError when a number of steps is not a whole number >= 1. */
export function checkSteps(name: string, options: Readonly<Record<string, number>>): void {
  for (const [option, value] of Object.entries(options))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new AttributeError(name, `${option} is ${String(value)}`, "use a whole number of steps >= 1");
}

/** `from` + share (`to` - `from`). */
export function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** From `from` at share 0 to `to` at share 1 along half a cosine. */
export function cosineBetween(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
