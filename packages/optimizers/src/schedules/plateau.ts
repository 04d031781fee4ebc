// A rate that falls when a metric no longer improves.
import { AttributeError, FormatError } from "@stria/core";
import { checkNotNegative, optionsOf } from "../check.ts";
import type { StatefulSchedule } from "./stateful.ts";

export interface PlateauOptions {
  /** Whether a metric is better when it is smaller ("min", such as a loss) or larger ("max", such as an accuracy). Default "min". */
  readonly mode?: "min" | "max";
  /** The rate is multiplied by this. Default 0.1. */
  readonly factor?: number;
  /** So many metrics in a row may be no better before the rate falls. Default 10. */
  readonly patience?: number;
  /** What counts as better: by more than this, as a share of the best or as a difference. Default 1e-4. */
  readonly threshold?: number;
  /** Default "relative". */
  readonly thresholdMode?: "relative" | "absolute";
  /** So many metrics are not counted after the rate fell. Default 0. */
  readonly cooldown?: number;
  /** The rate never falls below this. Default 0. */
  readonly floor?: number;
}

/** Where such a rate stands, as plain data: what a checkpoint keeps. */
export interface PlateauState {
  readonly rate: number;
  /** The best metric so far; null before the first. */
  readonly best: number | null;
  /** Metrics since then that were no better. */
  readonly bad: number;
  /** Metrics that will not be counted. */
  readonly cooling: number;
}

/** A schedule that is told a metric from time to time. */
export interface Plateau extends StatefulSchedule {
  /** Takes note of a metric, such as a validation loss after an epoch. NaN is never better. */
  observe(metric: number): void;
  /** Where it stands. */
  save(): PlateauState;
  /** Goes on from where another run stood. @throws FormatError for what no plateau saved; nothing has changed then. */
  restore(state: unknown): void;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

function checkState(state: unknown): PlateauState {
  if (typeof state === "object" && state !== null) {
    const [rate, best, bad, cooling] = ["rate", "best", "bad", "cooling"].map((key): unknown =>
      Reflect.get(state, key),
    );
    if (isNumber(rate) && (best === null || isNumber(best)) && isNumber(bad) && isNumber(cooling))
      return { rate, best, bad, cooling };
  }
  throw new FormatError(
    "reduceOnPlateau",
    `${JSON.stringify(state) ?? "undefined"} is no state of it`,
    "restore what save() gave",
  );
}

/** Falls smaller than this are left out, as in PyTorch. */
const smallestFall = 1e-8;

/**
 * `rate` until a metric has not improved for more than `patience` observations, then `factor` of it, and so on: PyTorch's ReduceLROnPlateau.
 * @example
 * const learningRate = reduceOnPlateau(0.1, { patience: 3 });
 * const step = trainStep(model, sgd({ learningRate }), loss);
 * // after each epoch
 * learningRate.observe(validationLoss);
 * @throws AttributeError for numbers out of range.
 */
export function reduceOnPlateau(rate: number, options: PlateauOptions = {}): Plateau {
  const {
    mode = "min",
    factor = 0.1,
    patience = 10,
    threshold = 1e-4,
    thresholdMode = "relative",
  } = optionsOf("reduceOnPlateau", options, "{ patience: 10 }");
  const { cooldown = 0, floor = 0 } = options;
  checkNotNegative("reduceOnPlateau", { rate, patience, threshold, cooldown, floor });
  if (!(factor > 0 && factor < 1))
    throw new AttributeError("reduceOnPlateau", `factor is ${factor}`, "use a number above 0 and below 1");
  const isBetter = (metric: number, best: number): boolean => {
    const margin = thresholdMode === "relative" ? best * threshold : threshold;
    return mode === "min" ? metric < best - margin : metric > best + margin;
  };
  const after = (state: PlateauState, metric: number): PlateauState => {
    const better = state.best === null ? !Number.isNaN(metric) : isBetter(metric, state.best);
    const best = better ? metric : state.best;
    if (state.cooling > 0) return { ...state, best, bad: 0, cooling: state.cooling - 1 };
    const bad = better ? 0 : state.bad + 1;
    if (bad <= patience) return { ...state, best, bad };
    const lower = Math.max(state.rate * factor, floor);
    return { rate: state.rate - lower > smallestFall ? lower : state.rate, best, bad: 0, cooling: cooldown };
  };
  let state: PlateauState = { rate, best: null, bad: 0, cooling: 0 };
  return Object.assign(() => state.rate, {
    observe: (metric: number): void => {
      state = after(state, metric);
    },
    save: () => state,
    restore: (earlier: unknown): void => {
      state = checkState(earlier);
    },
  });
}
