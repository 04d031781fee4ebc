// What the methods have in common: the rate, the L2 penalty, the direction.
import { type Tensor, add, mul, neg, sqrt, square, sum } from "@stria/core";
import type { Schedule } from "./schedules/schedule.ts";

export interface DescentOptions {
  readonly learningRate: number | Schedule;
  /** L2 penalty: so much of the parameter is added to its gradient. Default 0. */
  readonly weightDecay?: number;
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

/** The gradient of what is minimised: +-gradient + weightDecay x parameter. */
export function penalised(
  gradient: Tensor,
  parameter: Tensor,
  { weightDecay = 0, maximize = false }: Pick<DescentOptions, "weightDecay" | "maximize">,
): Tensor {
  const signed = maximize ? neg(gradient) : gradient;
  return weightDecay === 0 ? signed : add(signed, mul(parameter, weightDecay));
}

/** share x old + (1 - share) x new. */
export function mix(old: Tensor, value: Tensor, share: number): Tensor {
  return add(mul(old, share), mul(value, 1 - share));
}

/** The Euclidean length of a tensor, a scalar. */
export function lengthOf(x: Tensor): Tensor {
  return sqrt(sum(square(x)));
}
