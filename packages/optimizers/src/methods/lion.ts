// Lion.
import { mul, sign, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface LionOptions extends Omit<DescentOptions, "weightDecay"> {
  /** Shares of the momentum that are kept: for the step, and for the next momentum. Default [0.9, 0.99]. */
  readonly betas?: readonly [number, number];
  /** Times the rate, the share by which the parameter shrinks. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Lion (Chen et al. 2023): p -= learningRate (sign(beta1 m + (1 - beta1) g) + weightDecay p); m = beta2 m + (1 - beta2) g.
 * Its rate is three to ten times smaller than Adam's.
 * @throws AttributeError for numbers out of range.
 */
export function lion(options: LionOptions): Optimizer {
  const {
    learningRate,
    betas = [0.9, 0.99],
    weightDecay = 0,
    maximize = false,
  } = optionsOf("lion", options, "{ learningRate: 1e-3 }");
  const [beta1, beta2] = betas;
  checkShares("lion", { "betas[0]": beta1, "betas[1]": beta2 });
  checkNotNegative("lion", { weightDecay });
  return fromRule("lion", {
    learningRate,
    slots: { momentum: 0 },
    rule(scalar) {
      const rate = scalar("learningRate", (at) => at.learningRate);
      const shrink = weightDecay > 0 ? scalar("lion.shrink", (at) => 1 - at.learningRate * weightDecay) : undefined;
      return (p, gradient, state) => {
        const g = penalised(gradient, p, { maximize });
        const direction = sign(mix(state("momentum"), g, beta1));
        return {
          parameter: sub(shrink ? mul(p, shrink) : p, mul(direction, rate)),
          state: { momentum: mix(state("momentum"), g, beta2) },
        };
      };
    },
  });
}
