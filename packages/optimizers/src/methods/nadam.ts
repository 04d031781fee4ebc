// NAdam.
import { add, div, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";
import { runningProduct } from "../running-product.ts";

export interface NadamOptions extends DescentOptions {
  /** Shares of the last first and second moment that are kept. Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** How fast the momentum grows to betas[0]. Default 0.004. */
  readonly momentumDecay?: number;
  /** Shrink the parameter by learningRate x weightDecay of itself, instead of adding to its gradient. Default false. */
  readonly decoupled?: boolean;
}

/**
 * NAdam, Adam with Nesterov's momentum (Dozat 2016), as in PyTorch: Adam's moments m and v; at step t, from 1,
 * mu(t) = beta1 (1 - 0.96^(t momentumDecay) / 2), M(t) = mu(1) ... mu(t), scale = sqrt(v / (1 - beta2^t)) + epsilon,
 * p -= learningRate ((1 - mu(t)) / (1 - M(t)) g + mu(t + 1) / (1 - M(t + 1)) m) / scale.
 * @throws AttributeError for numbers out of range.
 */
export function nadam(options: NadamOptions): Optimizer {
  const {
    learningRate,
    betas = [0.9, 0.999],
    epsilon = 1e-8,
    momentumDecay = 0.004,
  } = optionsOf("nadam", options, "{ learningRate: 1e-3 }");
  const { weightDecay = 0, decoupled = false, maximize = false } = options;
  const [beta1, beta2] = betas;
  checkShares("nadam", { "betas[0]": beta1, "betas[1]": beta2 });
  checkNotNegative("nadam", { epsilon, momentumDecay, weightDecay });
  const momentum = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const product = runningProduct(momentum);
  return fromRule("nadam", {
    learningRate,
    slots: { firstMoment: 0, secondMoment: 0 },
    rule(scalar) {
      const ofGradient = scalar("nadam.ofGradient", ({ learningRate: rate, step }) => {
        const t = step + 1;
        return (rate * (1 - momentum(t))) / (1 - product(t));
      });
      const ofMoment = scalar("nadam.ofMoment", ({ learningRate: rate, step }) => {
        const t = step + 1;
        const next = momentum(t + 1);
        return (rate * next) / (1 - product(t) * next);
      });
      const correction = scalar("nadam.correction", (at) => 1 / Math.sqrt(1 - beta2 ** (at.step + 1)));
      const shrink =
        decoupled && weightDecay > 0 ? scalar("nadam.shrink", (at) => 1 - at.learningRate * weightDecay) : undefined;
      return (p, gradient, state) => {
        const g = penalised(gradient, p, { weightDecay: decoupled ? 0 : weightDecay, maximize });
        const firstMoment = mix(state("firstMoment"), g, beta1);
        const secondMoment = mix(state("secondMoment"), square(g), beta2);
        const scale = add(mul(sqrt(secondMoment), correction), epsilon);
        const along = div(add(mul(g, ofGradient), mul(firstMoment, ofMoment)), scale);
        return { parameter: sub(shrink ? mul(p, shrink) : p, along), state: { firstMoment, secondMoment } };
      };
    },
  });
}
