// Schedules along a cosine (Loshchilov & Hutter 2017).
import { AttributeError } from "@stria/core";
import { checkFinite, optionsOf } from "../check.ts";
import { type Schedule, between, checkSteps, cosineBetween } from "./schedule.ts";

export interface CosineOptions {
  /** Steps in all, the warm-up included. */
  readonly steps: number;
  /** Steps in which the rate rises in a line from `warmUpFactor` of itself. Default 0. */
  readonly warmUpSteps?: number;
  /** Default 0.01. */
  readonly warmUpFactor?: number;
  /** The rate at the end and after it. Default 0. */
  readonly floor?: number;
}

/** From `rate` down to `floor` along half a cosine, after a linear warm-up. */
export function cosine(rate: number, options: CosineOptions): Schedule {
  const { steps, warmUpSteps = 0, warmUpFactor = 0.01, floor = 0 } = optionsOf("cosine", options, "{ steps: 1000 }");
  checkSteps("cosine", { steps });
  checkFinite("cosine", { rate, warmUpSteps, warmUpFactor, floor });
  if (!(warmUpSteps >= 0 && warmUpSteps < steps))
    throw new AttributeError(
      "cosine",
      `warmUpSteps is ${warmUpSteps} of ${steps} steps`,
      "warm up for fewer steps than there are",
    );
  return (step) =>
    step < warmUpSteps
      ? between(rate * warmUpFactor, rate, step / warmUpSteps)
      : cosineBetween(rate, floor, Math.min((step - warmUpSteps) / (steps - warmUpSteps), 1));
}

/** Down from `rate` to `floor` in `period` steps along half a cosine, up again in as many, and so on: PyTorch's CosineAnnealingLR. */
export function cosineAnnealing(rate: number, options: { readonly period: number; readonly floor?: number }): Schedule {
  const { period, floor = 0 } = optionsOf("cosineAnnealing", options, "{ period: 1000 }");
  checkSteps("cosineAnnealing", { period });
  checkFinite("cosineAnnealing", { rate, floor });
  return (step) => cosineBetween(rate, floor, step / period);
}

export interface WarmRestartsOptions {
  /** Steps of the first descent. */
  readonly period: number;
  /** Each descent is so many times as long as the one before. Default 1. */
  readonly factor?: number;
  /** The rate at the end of each descent. Default 0. */
  readonly floor?: number;
}

/** Descents from `rate` to `floor` along half a cosine, one after the other. */
export function cosineWarmRestarts(rate: number, options: WarmRestartsOptions): Schedule {
  const { period, factor = 1, floor = 0 } = optionsOf("cosineWarmRestarts", options, "{ period: 1000 }");
  checkSteps("cosineWarmRestarts", { period, factor });
  checkFinite("cosineWarmRestarts", { rate, floor });
  return (step) => {
    let [start, length] = [0, period];
    while (step >= start + length) {
      start += length;
      length *= factor;
    }
    return cosineBetween(rate, floor, (step - start) / length);
  };
}
