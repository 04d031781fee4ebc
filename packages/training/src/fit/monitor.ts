// One figure of an epoch that is watched, and its best value so far.
import { AttributeError, FormatError } from "@stria/core";
import type { CallbackState } from "../checkpoint/run-state.ts";
import type { EpochReport } from "./callback.ts";

export interface MonitorOptions {
  /** The figure: `"loss"` or a metric's name of the training batches, behind `"validation."` of the validation data. Default `"validation.loss"`. */
  readonly monitor?: string;
  /** Whether it is better when it is smaller or larger. Default `"min"` for what ends in "loss" or "error"; to be said for everything else. */
  readonly mode?: "min" | "max";
  /** What counts as better: by more than this. Default 0. */
  readonly minDelta?: number;
}

const validationPrefix = "validation.";

/** The figure `monitor` of an epoch. @throws AttributeError where there is no such number; it lists those that there are. */
export function figureOf(name: string, report: EpochReport, monitor: string): number {
  const { loss, metrics, validation } = report;
  const figures = new Map<string, unknown>([
    ...Object.entries(metrics),
    ["loss", loss],
    ...Object.entries(validation ?? {}).map(([key, value]) => [validationPrefix + key, value] as const),
  ]);
  const found = figures.get(monitor);
  if (typeof found === "number") return found;
  const numbers = [...figures].filter(([, value]) => typeof value === "number").map(([key]) => key);
  throw new AttributeError(
    name,
    `there is no figure "${monitor}"`,
    `monitor one of ${numbers.join(", ")}, or add a metric`,
  );
}

/** The best value of a figure. NaN is never better. */
export class Best {
  readonly #name: string;
  readonly #monitor: string;
  readonly #sign: 1 | -1;
  readonly #minDelta: number;
  /** Undefined before the first. */
  value: number | undefined;
  /** The epoch that it is of, from 1. */
  epoch = 0;

  /** @throws AttributeError where the mode must be said, or minDelta is negative. */
  constructor(name: string, { monitor = "validation.loss", mode, minDelta = 0 }: MonitorOptions) {
    const chosen = mode ?? (/(?:loss|error)$/i.test(monitor) ? "min" : undefined);
    if (chosen !== "min" && chosen !== "max")
      throw new AttributeError(
        name,
        `whether "${monitor}" is better smaller or larger is not said`,
        'pass { mode: "max" } or { mode: "min" }',
      );
    if (!(minDelta >= 0 && minDelta < Infinity))
      throw new AttributeError(name, `minDelta is ${minDelta}`, "use a finite number >= 0");
    this.#name = name;
    this.#monitor = monitor;
    this.#sign = chosen === "min" ? 1 : -1;
    this.#minDelta = minDelta;
  }

  /** Takes note of an epoch. Whether it is the best so far. */
  take(report: EpochReport): boolean {
    const found = figureOf(this.#name, report, this.#monitor);
    if (!Number.isFinite(found)) return false;
    if (this.value !== undefined && !(this.#sign * (this.value - found) > this.#minDelta)) return false;
    this.value = found;
    this.epoch = report.epoch;
    return true;
  }

  save(): CallbackState {
    return { value: this.value ?? null, epoch: this.epoch };
  }

  /** @throws FormatError for what was not saved by it. */
  restore({ value, epoch }: CallbackState): void {
    if ((value !== null && typeof value !== "number") || typeof epoch !== "number")
      throw new FormatError(
        this.#name,
        "the checkpoint has another state under this name",
        "name the callback otherwise",
      );
    this.value = value ?? undefined;
    this.epoch = epoch;
  }
}
