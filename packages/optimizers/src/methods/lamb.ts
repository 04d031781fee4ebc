// LAMB.
import { add, div, greater, logicalAnd, mul, sqrt, square, sub, where } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, lengthOf, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface LambOptions extends Omit<DescentOptions, "weightDecay"> {
  /** Shares of the last first and second moment that are kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-6. */
  readonly epsilon?: number;
  /** So much of the parameter is added to its step, before the step is scaled. Default 0. */
  readonly weightDecay?: number;
}

/**
 * LAMB, for large batches (You et al. 2020): u = m' / (sqrt(v') + epsilon) + weightDecay p, where m' and v' are Adam's corrected moments;
 * p -= learningRate |p| / |u| u, with the norms of each parameter. Where one of them is 0, their ratio counts as 1.
 * @throws AttributeError for numbers out of range.
 */
export function lamb(options: LambOptions): Optimizer {
  const {
    learningRate,
    betas = [0.9, 0.999],
    epsilon = 1e-6,
    weightDecay = 0,
    maximize = false,
  } = optionsOf("lamb", options, "{ learningRate: 1e-3 }");
  const [beta1, beta2] = betas;
  checkShares("lamb", { "betas[0]": beta1, "betas[1]": beta2 });
  checkNotNegative("lamb", { epsilon, weightDecay });
  return fromRule("lamb", {
    learningRate,
    slots: { firstMoment: 0, secondMoment: 0 },
    rule(scalar) {
      const rate = scalar("learningRate", (at) => at.learningRate);
      const firstCorrection = scalar("lamb.firstCorrection", (at) => 1 / (1 - beta1 ** (at.step + 1)));
      const secondCorrection = scalar("lamb.secondCorrection", (at) => 1 / Math.sqrt(1 - beta2 ** (at.step + 1)));
      return (p, gradient, state) => {
        const g = penalised(gradient, p, { maximize });
        const firstMoment = mix(state("firstMoment"), g, beta1);
        const secondMoment = mix(state("secondMoment"), square(g), beta2);
        const scale = add(mul(sqrt(secondMoment), secondCorrection), epsilon);
        const adam = div(mul(firstMoment, firstCorrection), scale);
        const step = weightDecay > 0 ? add(adam, mul(p, weightDecay)) : adam;
        const [size, length] = [lengthOf(p), lengthOf(step)];
        const trust = where(logicalAnd(greater(size, 0), greater(length, 0)), div(size, length), 1);
        return {
          parameter: sub(p, mul(step, mul(trust, rate))),
          state: { firstMoment, secondMoment },
        };
      };
    },
  });
}
