// Adam and AdamW.
import { add, div, maximum, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";
import { coefficient } from "../scalars.ts";
import { type Schedule, asSchedule } from "../schedules/schedule.ts";

export interface AdamOptions extends DescentOptions {
  /** Shares of the last first and second moment that are kept; the first may follow a schedule, such as `oneCycleMomentum`. Default [0.9, 0.999]. */
  readonly betas?: readonly [number | Schedule, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /**
   * `adam`: so much of the parameter is added to its gradient; default 0. `adamW`: times the rate, the share by which the parameter shrinks;
   * default 0.01.
   */
  readonly weightDecay?: number;
  /** Divide by the largest second moment so far (Reddi et al. 2018). Default false. */
  readonly amsgrad?: boolean;
}

function adamLike(name: string, options: AdamOptions, defaultDecay: number, decoupled: boolean): Optimizer {
  const { learningRate, betas = [0.9, 0.999], epsilon = 1e-8 } = optionsOf(name, options, "{ learningRate: 1e-3 }");
  const { weightDecay = defaultDecay, amsgrad = false, maximize = false } = options;
  const [beta1, beta2] = betas;
  checkShares(name, { "betas[1]": beta2, ...(typeof beta1 !== "function" && { "betas[0]": beta1 }) });
  checkNotNegative(name, { epsilon, weightDecay });
  return fromRule(name, {
    learningRate,
    slots: { firstMoment: 0, secondMoment: 0, ...(amsgrad && { largestSecondMoment: 0 }) },
    rule(scalar) {
      const [kept, added] = [
        coefficient(scalar, "adam.beta1", beta1),
        coefficient(scalar, "adam.1 - beta1", beta1, (value) => 1 - value),
      ];
      const beta1At = asSchedule(name, beta1);
      const stepSize = scalar(
        `adam.stepSize(${typeof beta1 === "number" ? beta1 : "schedule"})`,
        (at) => at.learningRate / (1 - beta1At(at.step) ** (at.step + 1)),
      );
      const correction = scalar(`adam.correction(${beta2})`, (at) => 1 / Math.sqrt(1 - beta2 ** (at.step + 1)));
      const shrink =
        decoupled && weightDecay > 0
          ? scalar(`adam.shrink(${weightDecay})`, (at) => 1 - at.learningRate * weightDecay)
          : undefined;
      return (p, gradient, state) => {
        const g = penalised(gradient, p, { weightDecay: decoupled ? 0 : weightDecay, maximize });
        const firstMoment = add(mul(state("firstMoment"), kept), mul(g, added));
        const secondMoment = mix(state("secondMoment"), square(g), beta2);
        const largest = amsgrad ? maximum(state("largestSecondMoment"), secondMoment) : undefined;
        const scale = add(mul(sqrt(largest ?? secondMoment), correction), epsilon);
        return {
          parameter: sub(shrink ? mul(p, shrink) : p, mul(div(firstMoment, scale), stepSize)),
          state: { firstMoment, secondMoment, ...(largest && { largestSecondMoment: largest }) },
        };
      };
    },
  });
}

/**
 * Adam (Kingma & Ba 2015), as in PyTorch: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; at step t, from 1,
 * p -= learningRate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon).
 * @throws AttributeError for numbers out of range.
 */
export function adam(options: AdamOptions): Optimizer {
  return adamLike("adam", options, 0, false);
}

/**
 * AdamW (Loshchilov & Hutter 2019): Adam, and each parameter shrinks by learningRate x weightDecay of itself, whatever its gradient.
 * @throws AttributeError for numbers out of range.
 */
export function adamW(options: AdamOptions): Optimizer {
  return adamLike("adamW", options, 0.01, true);
}
