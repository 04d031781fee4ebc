// LARS.
import { add, div, greater, logicalAnd, mul, sub, where } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import { type DescentOptions, lengthOf, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface LarsOptions extends DescentOptions {
  /** Share of the last step that is kept. Default 0.9. */
  readonly momentum?: number;
  /** The length of a step beside its parameter's, at rate 1. Default 0.001. */
  readonly trustCoefficient?: number;
}

/**
 * LARS, for large batches (You et al. 2017): local = trustCoefficient |p| / (|g| + weightDecay |p|), with the norms of each parameter;
 * v = momentum v + learningRate local (g + weightDecay p); p -= v. Where a norm is 0, local counts as 1. The velocity holds steps.
 * @throws AttributeError for numbers out of range.
 */
export function lars(options: LarsOptions): Optimizer {
  const {
    learningRate,
    momentum = 0.9,
    trustCoefficient = 0.001,
    weightDecay = 0,
    maximize = false,
  } = optionsOf("lars", options, "{ learningRate: 0.1 }");
  checkNotNegative("lars", { momentum, trustCoefficient, weightDecay });
  return fromRule("lars", {
    learningRate,
    slots: { momentum: 0 },
    rule(scalar) {
      const rate = scalar("learningRate", (at) => at.learningRate);
      return (p, gradient, state) => {
        const [size, length] = [lengthOf(p), lengthOf(gradient)];
        const trust = div(mul(size, trustCoefficient), add(length, mul(size, weightDecay)));
        const local = where(logicalAnd(greater(size, 0), greater(length, 0)), trust, 1);
        const step = mul(penalised(gradient, p, { weightDecay, maximize }), mul(local, rate));
        const velocity = add(mul(state("momentum"), momentum), step);
        return { parameter: sub(p, velocity), state: { momentum: velocity } };
      };
    },
  });
}
