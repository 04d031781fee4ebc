// RMSprop.
import { add, div, maximum, mul, sqrt, square, sub } from "@stria/core";
import { checkNotNegative, checkShares, optionsOf } from "../check.ts";
import { type DescentOptions, mix, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";

export interface RmspropOptions extends DescentOptions {
  /** Share of the last mean square that is kept. Default 0.99. */
  readonly decay?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  readonly epsilon?: number;
  /** Share of the last velocity that is kept. Default 0. */
  readonly momentum?: number;
  /** Divide by the standard deviation of the gradient instead (Graves 2013). Default false. */
  readonly centered?: boolean;
}

/**
 * RMSprop (Tieleman & Hinton 2012), as in PyTorch: v = decay v + (1 - decay) g^2; with `centered` also
 * m = decay m + (1 - decay) g and v - m^2 in place of v; u = momentum u + g / (sqrt(v) + epsilon); p -= learningRate u.
 * @throws AttributeError for numbers out of range.
 */
export function rmsprop(options: RmspropOptions): Optimizer {
  const {
    learningRate,
    decay = 0.99,
    epsilon = 1e-8,
    momentum = 0,
    centered = false,
    weightDecay = 0,
  } = optionsOf("rmsprop", options, "{ learningRate: 1e-3 }");
  checkShares("rmsprop", { decay });
  checkNotNegative("rmsprop", { epsilon, momentum, weightDecay });
  return fromRule("rmsprop", {
    learningRate,
    slots: { meanSquare: 0, ...(centered && { mean: 0 }), ...(momentum > 0 && { momentum: 0 }) },
    rule(scalar) {
      const rate = scalar("learningRate", (at) => at.learningRate);
      return (p, gradient, state) => {
        const g = penalised(gradient, p, options);
        const meanSquare = mix(state("meanSquare"), square(g), decay);
        const mean = centered ? mix(state("mean"), g, decay) : undefined;
        // Rounding may take a variance below 0.
        const variance = mean ? maximum(sub(meanSquare, square(mean)), 0) : meanSquare;
        const scaled = div(g, add(sqrt(variance), epsilon));
        const velocity = momentum > 0 ? add(mul(state("momentum"), momentum), scaled) : undefined;
        return {
          parameter: sub(p, mul(velocity ?? scaled, rate)),
          state: { meanSquare, ...(mean && { mean }), ...(velocity && { momentum: velocity }) },
        };
      };
    },
  });
}
