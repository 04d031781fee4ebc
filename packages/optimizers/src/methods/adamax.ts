// AdaMax.
import { abs, add, div, maximum, mul, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface AdamaxOptions extends DescentOptions {
  /** Shares of the last first moment and of the last infinity norm that are kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the size of each gradient. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * AdaMax, Adam by the infinity norm (Kingma & Ba 2015, section 7), as in PyTorch: m = beta1 m + (1 - beta1) g;
 * u = max(beta2 u, |g| + epsilon); at step t, from 1, p -= learningRate / (1 - beta1^t) m / u.
 * @throws AttributeError for numbers out of range.
 */
export function adamax(options: AdamaxOptions): Optimizer {
  const {
    learningRate,
    betas = [0.9, 0.999],
    epsilon = 1e-8,
    weightDecay = 0,
  } = optionsOf("adamax", options, "{ learningRate: 1e-3 }");
  const [beta1, beta2] = betas;
  checkShares("adamax", { "betas[0]": beta1, "betas[1]": beta2 });
  checkNotNegative("adamax", { epsilon, weightDecay });
  return fromRule("adamax", {
    learningRate,
    slots: { firstMoment: 0, infinityNorm: 0 },
    rule(scalar) {
      const stepSize = scalar("adamax.stepSize", (at) => at.learningRate / (1 - beta1 ** (at.step + 1)));
      return (p, gradient, state) => {
        const g = penalised(gradient, p, options);
        const firstMoment = mix(state("firstMoment"), g, beta1);
        const infinityNorm = maximum(mul(state("infinityNorm"), beta2), add(abs(g), epsilon));
        return {
          parameter: sub(p, mul(div(firstMoment, infinityNorm), stepSize)),
          state: { firstMoment, infinityNorm },
        };
      };
    },
  });
}
