// Rprop.
import { AttributeError, greater, less, maximum, minimum, mul, sign, sub, where } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import { penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface RpropOptions {
  /** The first size of every step. Default 0.01. */
  readonly learningRate?: number;
  /** A step is so many times the last one after a change of sign, and without one. Default [0.5, 1.2]. */
  readonly factors?: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  readonly stepSizes?: readonly [number, number];
  /** Climb instead of descending. Default false. */
  readonly maximize?: boolean;
}

/**
 * Rprop, for whole batches (Riedmiller & Braun 1993; the variant without weight backtracking, Igel & Huesken 2000), as in PyTorch: every
 * value has a step s of its own. Where the gradient's sign changed, s shrinks and g counts as 0; where it stayed, s grows; p -= s sign(g).
 * @throws AttributeError for numbers out of range.
 */
export function rprop(options: RpropOptions = {}): Optimizer {
  const {
    learningRate = 0.01,
    factors = [0.5, 1.2],
    stepSizes = [1e-6, 50],
  } = optionsOf("rprop", options, "{ learningRate: 1e-3 }");
  const [shrink, grow] = factors;
  const [smallest, largest] = stepSizes;
  checkNotNegative("rprop", { learningRate, "stepSizes[0]": smallest, "stepSizes[1]": largest });
  if (!(shrink > 0 && shrink < 1 && grow > 1 && grow < Infinity))
    throw new AttributeError("rprop", `factors is [${shrink}, ${grow}]`, "use one between 0 and 1, and one above 1");
  if (smallest > largest)
    throw new AttributeError("rprop", `stepSizes is [${smallest}, ${largest}]`, "put the smaller one first");
  return fromRule("rprop", {
    learningRate,
    slots: { previousGradient: 0, stepSize: learningRate },
    rule: () => (p, gradient, state) => {
      const g = penalised(gradient, p, options);
      // Of the signs, not of the gradients: their product may be too small for float32.
      const agreement = mul(sign(g), sign(state("previousGradient")));
      const old = state("stepSize");
      const changed = where(greater(agreement, 0), mul(old, grow), where(less(agreement, 0), mul(old, shrink), old));
      const stepSize = minimum(maximum(changed, smallest), largest);
      const kept = where(less(agreement, 0), 0, g);
      return { parameter: sub(p, mul(sign(kept), stepSize)), state: { previousGradient: kept, stepSize } };
    },
  });
}
