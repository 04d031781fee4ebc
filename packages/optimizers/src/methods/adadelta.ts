// Adadelta.
import { add, div, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface AdadeltaOptions extends Omit<DescentOptions, "learningRate"> {
  /** Times the steps that the method finds by itself. Default 1. */
  readonly learningRate?: DescentOptions["learningRate"];
  /** Share of the last mean squares that is kept. Default 0.9. */
  readonly decay?: number;
  /** Added to the mean squares, under the root. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * Adadelta (Zeiler 2012), as in PyTorch: v = decay v + (1 - decay) g^2; d = sqrt(u + epsilon) / sqrt(v + epsilon) g;
 * u = decay u + (1 - decay) d^2; p -= learningRate d.
 * @throws AttributeError for numbers out of range.
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const {
    learningRate = 1,
    decay = 0.9,
    epsilon = 1e-6,
    weightDecay = 0,
  } = optionsOf("adadelta", options, "{ learningRate: 1e-3 }");
  checkShares("adadelta", { decay });
  checkNotNegative("adadelta", { epsilon, weightDecay });
  return fromRule("adadelta", {
    learningRate,
    slots: { squaredGradient: 0, squaredStep: 0 },
    rule(scalar) {
      const rate = scalar("learningRate", (at) => at.learningRate);
      return (p, gradient, state) => {
        const g = penalised(gradient, p, options);
        const squaredGradient = mix(state("squaredGradient"), square(g), decay);
        const step = mul(div(sqrt(add(state("squaredStep"), epsilon)), sqrt(add(squaredGradient, epsilon))), g);
        const squaredStep = mix(state("squaredStep"), square(step), decay);
        return { parameter: sub(p, mul(step, rate)), state: { squaredGradient, squaredStep } };
      };
    },
  });
}
