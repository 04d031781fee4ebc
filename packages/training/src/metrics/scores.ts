// Metrics that need every score: the areas under the receiver operating curve and under the precision-recall curve. Exact, with ties; the scores are kept on the host.
import { AttributeError, type Tensor, at, cast, concat, full, reshape, sub, slice } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import { checkClasses } from "./decisions.ts";
import type { Accumulator, Metric } from "./metric.ts";

export interface ScoreOptions {
  /** What [N, classes] outputs of three classes or more are. Probabilities are taken as they are; logits go through a softmax, in float64. Default `"logits"`. */
  readonly scores?: "logits" | "probabilities";
}

/** Scores of one class against the rest: `positive[i]` says whether example i is of it. */
export interface Ranking {
  readonly scores: Float64Array;
  readonly positive: readonly boolean[];
}

/** What was seen: rows of [score of each column, label, 1 where the row counts]. */
class Rows {
  readonly #chunks: Float64Array[];

  constructor(saved?: Float64Array) {
    this.#chunks = saved && saved.length > 0 ? [saved] : [];
  }

  /** The first number is that of columns. */
  add(chunk: ArrayLike<number>): void {
    this.#chunks.push(Float64Array.from(chunk));
  }

  /** As one chunk. */
  save(): Float64Array<ArrayBuffer> {
    const [first] = this.#chunks;
    if (!first) return new Float64Array();
    const parts = this.#chunks.map((chunk) => chunk.subarray(1));
    const whole = new Float64Array(1 + parts.reduce((total, { length }) => total + length, 0));
    whole[0] = at(first, 0);
    let place = 1;
    for (const part of parts) {
      whole.set(part, place);
      place += part.length;
    }
    return whole;
  }

  /** Scores of each example that counts, and its label. */
  examples(): { readonly scores: Float64Array; readonly label: number }[] {
    const whole = this.save();
    const columns = whole[0] ?? 0;
    const found: { readonly scores: Float64Array; readonly label: number }[] = [];
    for (let row = 1; row < whole.length; row += columns + 2)
      if (at(whole, row + columns + 1) !== 0)
        found.push({ scores: whole.subarray(row, row + columns), label: at(whole, row + columns) });
    return found;
  }
}

/** Outputs as columns of scores: [N, classes], or [N, 1] for two classes. */
function columnsOf(name: string, outputs: Tensor, y: Tensor): Tensor {
  const rows = at(outputs.shape, 0);
  if (y.rank !== 1 || y.shape[0] !== rows || outputs.rank > 2)
    throw new AttributeError(
      name,
      `the outputs are [${outputs.shape.join(", ")}] for labels [${y.shape.join(", ")}]`,
      "give scores [N], [N, 1] or [N, classes] for labels [N]",
    );
  const table = reshape(outputs, [rows, outputs.size / rows]);
  if (table.shape[1] !== 2) return table;
  return sub(slice(table, [0, 1], [rows, 1]), slice(table, [0, 0], [rows, 1])); // by it the softmax of class 1 grows
}

function measureScores(name: string, outputs: Tensor, { y, mask }: LabelledBatch): Tensor {
  const table = columnsOf(name, outputs, y);
  const [rows, columns] = [at(table.shape, 0), at(table.shape, 1)];
  checkClasses(name, y, Math.max(2, columns), undefined);
  const column = (values: Tensor): Tensor => reshape(cast(values, "float32"), [rows, 1]);
  const whole = concat([table, column(y), mask ? column(mask) : full([rows, 1], 1)], 1);
  return concat([full([1], columns), reshape(whole, [whole.size])], 0);
}

function softmaxOf(logits: Float64Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

/** Each class against the rest; of two classes the second alone. */
function rankingsOf(rows: Rows, { scores = "logits" }: ScoreOptions): Ranking[] {
  const examples = rows.examples();
  const columns = examples[0]?.scores.length ?? 1;
  if (columns === 1)
    return [
      {
        scores: Float64Array.from(examples, (one) => at(one.scores, 0)),
        positive: examples.map(({ label }) => label === 1),
      },
    ];
  const shares = examples.map((one) => (scores === "logits" ? softmaxOf(one.scores) : one.scores));
  return Array.from({ length: columns }, (_, index) => ({
    scores: Float64Array.from(shares, (share) => at(share, index)),
    positive: examples.map(({ label }) => label === index),
  }));
}

/** A metric of the rankings of all examples. */
export function ofRankings<Result>(
  name: string,
  options: ScoreOptions,
  figure: (rankings: readonly Ranking[]) => Result,
): Metric<Result> {
  return {
    measure: (outputs, batch) => measureScores(name, outputs, batch),
    start(saved): Accumulator<Result> {
      const rows = new Rows(saved);
      return {
        add: (chunk) => rows.add(chunk),
        result: () => figure(rankingsOf(rows, options)),
        save: () => rows.save(),
      };
    },
  };
}
