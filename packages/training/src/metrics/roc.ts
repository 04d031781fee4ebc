// Areas under curves: receiver operating characteristic, and precision over recall.
import { AttributeError, at } from "@stria/core";
import type { Metric } from "./metric.ts";
import { type Ranking, type ScoreOptions, ofRankings } from "./scores.ts";

export interface AucOptions extends ScoreOptions {
  /** For three classes and more, each against the rest: the mean over classes (default), that weighted by their counts, or an array. */
  readonly average?: "macro" | "weighted" | "perClass";
}

/** The curve at each distinct score, falling; an example is positive from the threshold on. */
export interface RocCurve {
  readonly thresholds: readonly number[];
  readonly truePositiveRate: readonly number[];
  readonly falsePositiveRate: readonly number[];
}

interface Counts {
  readonly thresholds: number[];
  /** Positives and negatives with that score or a higher one. */
  readonly positives: number[];
  readonly negatives: number[];
}

function countsOf({ scores, positive }: Ranking): Counts {
  const order = [...scores.keys()].toSorted((a, b) => at(scores, b) - at(scores, a));
  const counts: Counts = { thresholds: [], positives: [], negatives: [] };
  let [positives, negatives] = [0, 0];
  for (const [place, index] of order.entries()) {
    if (positive[index]) positives++;
    else negatives++;
    const next = order[place + 1];
    if (next !== undefined && at(scores, next) === at(scores, index)) continue;
    counts.thresholds.push(at(scores, index));
    counts.positives.push(positives);
    counts.negatives.push(negatives);
  }
  return counts;
}

/** The share of pairs of a positive and a negative in which the positive scores higher; ties count half. NaN without both, and where a score is NaN. */
function areaOf(ranking: Ranking): number {
  if (ranking.scores.some(Number.isNaN)) return Number.NaN;
  const { positives, negatives } = countsOf(ranking);
  let [area, before, beforeNegatives] = [0, 0, 0];
  for (const [index, here] of positives.entries()) {
    const negativesHere = at(negatives, index);
    area += ((here + before) / 2) * (negativesHere - beforeNegatives);
    [before, beforeNegatives] = [here, negativesHere];
  }
  return area / (before * beforeNegatives);
}

/** Sum over falling distinct scores of the gain in recall times the precision there. NaN without positives, and where a score is NaN. */
function precisionOf(ranking: Ranking): number {
  if (ranking.scores.some(Number.isNaN)) return Number.NaN;
  const { positives, negatives } = countsOf(ranking);
  const all = positives.at(-1) ?? 0;
  if (all === 0) return Number.NaN;
  return positives.reduce((total, here, index) => {
    const gained = here - (positives[index - 1] ?? 0);
    return total + (gained / all) * (here / (here + at(negatives, index)));
  }, 0);
}

function averaged(
  name: string,
  options: AucOptions,
  area: (ranking: Ranking) => number,
): Metric<number | readonly number[]> {
  const { average = "macro" } = options;
  if (!["macro", "weighted", "perClass"].includes(average))
    throw new AttributeError(name, `average is ${average}`, 'use "macro", "weighted" or "perClass"');
  return ofRankings(name, options, (rankings) => {
    const areas = rankings.map(area);
    if (average === "perClass") return areas;
    const weights = rankings.map(({ positive }) =>
      average === "weighted" ? positive.reduce((total, one) => total + Number(one), 0) : 1,
    );
    if (areas.length === 1) return at(areas, 0);
    const total = weights.reduce((a, b) => a + b, 0);
    return areas.reduce((sum, value, index) => sum + (value * at(weights, index)) / total, 0);
  });
}

type One = AucOptions & { readonly average?: "macro" | "weighted" };
type All = AucOptions & { readonly average: "perClass" };

/**
 * The area under the receiver operating characteristic (Hanley & McNeil 1982): the chance that a positive scores above a negative, ties counting half.
 * Outputs [N] or [N, 1] are scores of class 1, [N, 2] logits of both, and [N, classes] each class against the rest. Exact; memory grows with the examples.
 * NaN where a class has no positive or no negative.
 * @throws AttributeError for other shapes and labels that are no class.
 */
export function auc(options?: One): Metric;
export function auc(options: All): Metric<readonly number[]>;
export function auc(options: AucOptions = {}): Metric<number | readonly number[]> {
  return averaged("auc", options, areaOf);
}

/** The average precision: the area under the steps of precision over recall, without interpolation. Inputs as those of {@link auc}. */
export function averagePrecision(options?: One): Metric;
export function averagePrecision(options: All): Metric<readonly number[]>;
export function averagePrecision(options: AucOptions = {}): Metric<number | readonly number[]> {
  return averaged("averagePrecision", options, precisionOf);
}

/** The receiver operating characteristic itself, of two classes. Inputs as those of {@link auc}; of more classes, class 1 against the rest. */
export function rocCurve(options: ScoreOptions = {}): Metric<RocCurve> {
  return ofRankings("rocCurve", options, (rankings) => {
    const ranking = rankings[rankings.length > 1 ? 1 : 0];
    const { thresholds, positives, negatives } = countsOf(ranking ?? { scores: new Float64Array(), positive: [] });
    const shares = (counts: readonly number[]): number[] => counts.map((value) => value / (counts.at(-1) ?? 0));
    return { thresholds, truePositiveRate: shares(positives), falsePositiveRate: shares(negatives) };
  });
}
