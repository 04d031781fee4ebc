// RAdam.
import { add, div, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface RadamOptions extends DescentOptions {
  /** Shares of the last first and second moment that are kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Shrink the parameter by learningRate x weightDecay of itself, instead of adding to its gradient. Default false. */
  readonly decoupled?: boolean;
}

/** The factor that makes up for the variance of the second moment at step `t`, from 1; nothing while too few steps are seen. */
function rectification(beta2: number, t: number): number | undefined {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * t * beta2 ** t) / (1 - beta2 ** t);
  if (length <= 5) return undefined;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}

/**
 * RAdam, Adam that warms itself up (Liu et al. 2020), as in PyTorch: Adam's moments m and v; at step t, from 1, with
 * L = 2 / (1 - beta2) - 1 and l = L - 2 t beta2^t / (1 - beta2^t), p -= learningRate m / (1 - beta1^t) where l <= 5, and after that this times
 * sqrt((l - 4) (l - 2) L / ((L - 4) (L - 2) l)) sqrt(1 - beta2^t) / (sqrt(v) + epsilon).
 * @throws AttributeError for numbers out of range.
 */
export function radam(options: RadamOptions): Optimizer {
  const { learningRate, betas = [0.9, 0.999], epsilon = 1e-8 } = optionsOf("radam", options, "{ learningRate: 1e-3 }");
  const { weightDecay = 0, decoupled = false, maximize = false } = options;
  const [beta1, beta2] = betas;
  checkShares("radam", { "betas[0]": beta1, "betas[1]": beta2 });
  checkNotNegative("radam", { epsilon, weightDecay });
  return fromRule("radam", {
    learningRate,
    slots: { firstMoment: 0, secondMoment: 0 },
    rule(scalar) {
      // One of the two is 0 at every step.
      const plain = scalar("radam.plain", ({ learningRate: rate, step }) =>
        rectification(beta2, step + 1) === undefined ? rate / (1 - beta1 ** (step + 1)) : 0,
      );
      const adaptive = scalar("radam.adaptive", ({ learningRate: rate, step }) => {
        const factor = rectification(beta2, step + 1) ?? 0;
        return (rate * factor * Math.sqrt(1 - beta2 ** (step + 1))) / (1 - beta1 ** (step + 1));
      });
      const shrink =
        decoupled && weightDecay > 0 ? scalar("radam.shrink", (at) => 1 - at.learningRate * weightDecay) : undefined;
      return (p, gradient, state) => {
        const g = penalised(gradient, p, { weightDecay: decoupled ? 0 : weightDecay, maximize });
        const firstMoment = mix(state("firstMoment"), g, beta1);
        const secondMoment = mix(state("secondMoment"), square(g), beta2);
        const stepSize = add(div(adaptive, add(sqrt(secondMoment), epsilon)), plain);
        return {
          parameter: sub(shrink ? mul(p, shrink) : p, mul(firstMoment, stepSize)),
          state: { firstMoment, secondMoment },
        };
      };
    },
  });
}
