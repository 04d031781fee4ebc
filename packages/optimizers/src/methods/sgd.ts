// Stochastic gradient descent.
import { AttributeError, add, mul, sub } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import { type DescentOptions, penalised } from "../descent.ts";
import type { Optimizer } from "../optimizer.ts";
import { fromRule } from "../rule.ts";
import { coefficient } from "../scalars.ts";
import type { Schedule } from "../schedules/schedule.ts";

export interface SgdOptions extends DescentOptions {
  /** Share of the last velocity that is kept; it may follow a schedule, such as `oneCycleMomentum`. Default 0. */
  readonly momentum?: number | Schedule;
  /** Share of the gradient that is kept out of the velocity; the first gradient goes in whole. Default 0. */
  readonly dampening?: number;
  /** Look ahead along the velocity (Sutskever et al. 2013). Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent, as in PyTorch: g += weightDecay p; v = momentum v + (1 - dampening) g, at first v = g;
 * p -= learningRate v (nesterov: g + momentum v). The velocity holds gradients, not steps.
 * @throws AttributeError for negative numbers, and for nesterov without momentum or with dampening.
 */
export function sgd(options: SgdOptions): Optimizer {
  const {
    learningRate,
    momentum = 0,
    dampening = 0,
    weightDecay = 0,
    nesterov = false,
  } = optionsOf("sgd", options, "{ learningRate: 0.1 }");
  checkNotNegative("sgd", { weightDecay, ...(typeof momentum !== "function" && { momentum }) });
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new AttributeError(
      "sgd",
      "nesterov needs a momentum and no dampening",
      "pass { momentum: 0.9 }, or leave nesterov out",
    );
  if (momentum === 0)
    return fromRule("sgd", {
      learningRate,
      slots: {},
      rule(scalar) {
        const rate = scalar("learningRate", (context) => context.learningRate);
        return (p, g) => ({ parameter: sub(p, mul(penalised(g, p, options), rate)), state: {} });
      },
    });
  return fromRule("sgd", {
    learningRate,
    slots: { momentum: 0 },
    rule(scalar) {
      const rate = scalar("learningRate", (context) => context.learningRate);
      const kept = coefficient(scalar, "sgd.momentum", momentum);
      const share =
        dampening === 0 ? 1 : scalar(`sgd.share(${dampening})`, ({ step }) => (step === 0 ? 1 : 1 - dampening));
      return (p, gradient, state) => {
        const g = penalised(gradient, p, options);
        const velocity = add(mul(state("momentum"), kept), share === 1 ? g : mul(g, share));
        const along = nesterov ? add(g, mul(velocity, kept)) : velocity;
        return { parameter: sub(p, mul(along, rate)), state: { momentum: velocity } };
      };
    },
  });
}
