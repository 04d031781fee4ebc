// Figures of each class, and their averages: precision, recall, F1, intersection over union.
import { AttributeError, at } from "@stria/core";
import { type ConfusionMatrix, ofConfusion } from "./confusion.ts";
import type { DecisionOptions } from "./decisions.ts";
import type { Metric } from "./metric.ts";

/**
 * How classes become one figure: `"macro"` the mean over classes, `"weighted"` by their true counts, `"micro"` over all decisions together, `"positive"` that of class 1 alone.
 */
export type Average = "macro" | "weighted" | "micro" | "positive";

export interface ByClassOptions extends DecisionOptions {
  /** Default `"macro"`; `"perClass"` gives an array. */
  readonly average?: Average | "perClass";
  /** What 0 / 0 is, such as the precision of a class that is never predicted. Default 0; NaN: left out of averages. */
  readonly zeroDivision?: number;
}

/** Of one class: rightly found, wrongly found, missed. */
interface Outcomes {
  readonly hits: number;
  readonly falseAlarms: number;
  readonly misses: number;
}

type Ratio = (outcomes: Outcomes) => readonly [number, number];

const ratios = {
  precision: ({ hits, falseAlarms }) => [hits, hits + falseAlarms],
  recall: ({ hits, misses }) => [hits, hits + misses],
  f1: ({ hits, falseAlarms, misses }) => [2 * hits, 2 * hits + falseAlarms + misses],
  iou: ({ hits, falseAlarms, misses }) => [hits, hits + falseAlarms + misses],
} satisfies Record<string, Ratio>;

function outcomesOf(matrix: ConfusionMatrix): Outcomes[] {
  return matrix.map((row, index) => {
    const hits = at(row, index);
    const predicted = matrix.reduce((total, other) => total + at(other, index), 0);
    const actual = row.reduce((total, value) => total + value, 0);
    return { hits, falseAlarms: predicted - hits, misses: actual - hits };
  });
}

/** The mean of `values` by `weights`; NaN counts nowhere. */
function weightedMean(values: readonly number[], weights: readonly number[]): number {
  let [total, weight] = [0, 0];
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    total += value * at(weights, index);
    weight += at(weights, index);
  }
  return total / weight;
}

function byClass(name: string, ratio: Ratio, options: ByClassOptions): Metric<number | readonly number[]> {
  const { average = "macro", zeroDivision = 0, ignore } = options;
  const value = (outcomes: Outcomes): number => {
    const [part, whole] = ratio(outcomes);
    return whole === 0 ? zeroDivision : part / whole;
  };
  return ofConfusion(name, options, (matrix) => {
    const all = outcomesOf(matrix);
    const classes = all.filter((_, index) => index !== ignore);
    const values = classes.map(value);
    switch (average) {
      case "perClass":
        return values;
      case "macro":
        return weightedMean(
          values,
          values.map(() => 1),
        );
      case "weighted":
        return weightedMean(
          values,
          classes.map(({ hits, misses }) => hits + misses),
        );
      case "micro":
        return value(together(all));
      case "positive":
        return all[1] ? value(all[1]) : Number.NaN;
      default:
        throw new AttributeError(
          name,
          `average is ${String(average satisfies never)}`,
          'use "macro", "weighted", "micro", "positive" or "perClass"',
        );
    }
  });
}

function together(outcomes: readonly Outcomes[]): Outcomes {
  const sum = (of: (one: Outcomes) => number): number => outcomes.reduce((total, one) => total + of(one), 0);
  return { hits: sum((one) => one.hits), falseAlarms: sum((one) => one.falseAlarms), misses: sum((one) => one.misses) };
}

type One = ByClassOptions & { readonly average?: Average };
type All = ByClassOptions & { readonly average: "perClass" };

/** Hits of a class among what is predicted as it: hits / (hits + false alarms). @throws as {@link confusionMatrix}. */
export function precision(options?: One): Metric;
export function precision(options: All): Metric<readonly number[]>;
export function precision(options: ByClassOptions = {}): Metric<number | readonly number[]> {
  return byClass("precision", ratios.precision, options);
}

/** Hits of a class among what is of it: hits / (hits + misses). Its macro average is the balanced accuracy. @throws as {@link confusionMatrix}. */
export function recall(options?: One): Metric;
export function recall(options: All): Metric<readonly number[]>;
export function recall(options: ByClassOptions = {}): Metric<number | readonly number[]> {
  return byClass("recall", ratios.recall, options);
}

/**
 * The harmonic mean of precision and recall, 2 hits / (2 hits + false alarms + misses): for pixels the Dice coefficient (Dice 1945). @throws as {@link confusionMatrix}.
 */
export function f1(options?: One): Metric;
export function f1(options: All): Metric<readonly number[]>;
export function f1(options: ByClassOptions = {}): Metric<number | readonly number[]> {
  return byClass("f1", ratios.f1, options);
}

/**
 * Intersection over union (Jaccard 1912) of each class over all places, hits / (hits + false alarms + misses); classes that are neither there nor predicted
 * are left out of the mean, unless `zeroDivision` says otherwise.
 * @example meanIou({ ignore: 255 }) // outputs [N, classes, H, W], labels [N, H, W]
 * @throws as {@link confusionMatrix}.
 */
export function meanIou(options?: One): Metric;
export function meanIou(options: All): Metric<readonly number[]>;
export function meanIou(options: ByClassOptions = {}): Metric<number | readonly number[]> {
  return byClass("meanIou", ratios.iou, { zeroDivision: Number.NaN, ...options });
}
