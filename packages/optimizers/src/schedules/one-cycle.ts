// The one-cycle schedule (Smith & Topin 2018), of the rate and of the momentum that goes with it.
import { AttributeError } from "@stria/core";
import { checkFinite, optionsOf } from "../check.ts";
import { type Schedule, between, checkSteps, cosineBetween } from "./schedule.ts";

export interface CycleShape {
  /** Steps in all, at least 3. */
  readonly steps: number;
  /** Share of the steps in which the rate rises. Default 0.3. */
  readonly warmUpShare?: number;
  /** Fall back to the start as slowly as it rose, then to the end. Default false: fall to the end at once. */
  readonly threePhases?: boolean;
  /** Along half a cosine, or in lines. Default "cosine". */
  readonly shape?: "cosine" | "linear";
}

export interface OneCycleOptions extends CycleShape {
  /** The rate starts at `peak / startDivisor`. Default 25. */
  readonly startDivisor?: number;
  /** The rate ends at its start divided by this. Default 10,000. */
  readonly endDivisor?: number;
}

export interface OneCycleMomentumOptions extends CycleShape {
  /** The momentum where the rate is highest. Default 0.85. */
  readonly low?: number;
  /** The momentum at the start and at the end. Default 0.95. */
  readonly high?: number;
}

/** From `start` to `peak`, back to `start` where there are three phases, and to `end`. */
function cycle(name: string, [start, peak, end]: readonly [number, number, number], options: CycleShape): Schedule {
  const { steps, warmUpShare = 0.3, threePhases = false, shape = "cosine" } = options;
  checkSteps(name, { "steps - 2": steps - 2 });
  checkFinite(name, { start, peak, end, warmUpShare });
  if (!(warmUpShare > 0 && warmUpShare < (threePhases ? 0.5 : 1)))
    throw new AttributeError(
      name,
      `warmUpShare is ${warmUpShare}`,
      `use a share above 0 and below ${threePhases ? 0.5 : 1}`,
    );
  const top = warmUpShare * steps - 1;
  const phases = threePhases
    ? [
        { until: top, from: start, to: peak },
        { until: 2 * top, from: peak, to: start },
        { until: steps - 1, from: start, to: end },
      ]
    : [
        { until: top, from: start, to: peak },
        { until: steps - 1, from: peak, to: end },
      ];
  const move = shape === "cosine" ? cosineBetween : between;
  return (step) => {
    let began = 0;
    for (const { until, from, to } of phases) {
      if (step <= until) return move(from, to, (step - began) / (until - began));
      began = until;
    }
    return end;
  };
}

/** Up from a low rate to `peak`, and down to a much lower one. */
export function oneCycle(peak: number, options: OneCycleOptions): Schedule {
  const { startDivisor = 25, endDivisor = 1e4 } = optionsOf("oneCycle", options, "{ steps: 1000 }");
  const start = peak / startDivisor;
  return cycle("oneCycle", [start, peak, start / endDivisor], options);
}

/**
 * The momentum that goes with `oneCycle` of the same steps and shape: down from `high` to `low` while the rate rises, and back.
 * @example sgd({ learningRate: oneCycle(0.4, { steps }), momentum: oneCycleMomentum({ steps }) })
 */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  const { low = 0.85, high = 0.95 } = optionsOf("oneCycleMomentum", options, "{ steps: 1000 }");
  return cycle("oneCycleMomentum", [high, low, high], options);
}
