// The cyclical schedule (Smith 2017).
import { checkFinite, optionsOf } from "../check.ts";
import { type Schedule, between, checkSteps } from "./schedule.ts";

export interface CyclicOptions {
  /** Steps from the lowest rate to the highest. */
  readonly up: number;
  /** Steps back. Default: as many. */
  readonly down?: number;
  /** What becomes of the peaks: they stay, they halve with each cycle, or they shrink by `factor` with each step. Default "triangular". */
  readonly mode?: "triangular" | "triangular2" | "exponential";
  /** For mode "exponential". Default 1. */
  readonly factor?: number;
}

/** Up from `low` to `high` and down again in lines, again and again. */
export function cyclic(low: number, high: number, options: CyclicOptions): Schedule {
  const { up, down = up, mode = "triangular", factor = 1 } = optionsOf("cyclic", options, "{ up: 1000 }");
  checkSteps("cyclic", { up, down });
  checkFinite("cyclic", { low, high, factor });
  const length = up + down;
  return (step) => {
    const cycle = Math.floor(step / length);
    const place = step - cycle * length;
    const height = place <= up ? place / up : (length - place) / down;
    const shrunk = mode === "triangular2" ? 2 ** -cycle : mode === "exponential" ? factor ** step : 1;
    return between(low, high, height * shrunk);
  };
}

/** The momentum that goes with `cyclic`: down from `high` to `low` while the rate rises, and back (Smith 2018). */
export function cyclicMomentum(low: number, high: number, options: CyclicOptions): Schedule {
  return cyclic(high, low, optionsOf("cyclicMomentum", options, "{ up: 1000 }"));
}
