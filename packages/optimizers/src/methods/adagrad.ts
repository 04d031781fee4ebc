// Adagrad.
import { add, div, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import { type DescentOptions, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface AdagradOptions extends DescentOptions {
  /** The rate is divided by 1 + this x (number of earlier steps). Default 0. */
  readonly learningRateDecay?: number;
  /** What the sums of squares start from. Default 0. */
  readonly initialSum?: number;
  /** Added to the root of the sum. Default 1e-10. */
  readonly epsilon?: number;
}

/**
 * Adagrad (Duchi et al. 2011), as in PyTorch: s += g^2; after t earlier steps
 * p -= learningRate / (1 + t learningRateDecay) g / (sqrt(s) + epsilon).
 * @throws AttributeError for numbers out of range.
 */
export function adagrad(options: AdagradOptions): Optimizer {
  const {
    learningRate,
    learningRateDecay = 0,
    initialSum = 0,
    epsilon = 1e-10,
    weightDecay = 0,
  } = optionsOf("adagrad", options, "{ learningRate: 1e-3 }");
  checkNotNegative("adagrad", { learningRateDecay, initialSum, epsilon, weightDecay });
  return fromRule("adagrad", {
    learningRate,
    slots: { sumOfSquares: initialSum },
    rule(scalar) {
      const stepSize = scalar("adagrad.stepSize", (at) => at.learningRate / (1 + at.step * learningRateDecay));
      return (p, gradient, state) => {
        const g = penalised(gradient, p, options);
        const sumOfSquares = add(state("sumOfSquares"), square(g));
        return {
          parameter: sub(p, mul(div(g, add(sqrt(sumOfSquares), epsilon)), stepSize)),
          state: { sumOfSquares },
        };
      };
    },
  });
}
