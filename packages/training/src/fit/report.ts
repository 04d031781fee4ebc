// What a step of fit reports to the host: its loss, the metrics' contributions, and how many rows count.
import { type Tensor, type TypedArray, sum } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import { measureAll } from "../evaluate.ts";
import { type LossFunction, lossOf } from "../metrics/mean-loss.ts";
import type { MetricTable } from "../metrics/metric.ts";
import type { Reported } from "../step-program.ts";

/** Names of what a step reports besides the loss. */
const metricPrefix = "metric.";

/** Traced: the tensors that a step reports. */
export function reportOf(loss: LossFunction, metrics: MetricTable, outputs: Tensor, batch: LabelledBatch): Reported {
  const measured = Object.entries(measureAll(metrics, outputs, batch)).map(
    ([name, value]) => [metricPrefix + name, value] as const,
  );
  return {
    loss: lossOf(loss, outputs, batch),
    ...(batch.mask && { rows: sum(batch.mask) }),
    ...Object.fromEntries(measured),
  };
}

/** What was reported of a batch of `rows`, on its way: contributions by metric, and the loss as [sum, count] under "". */
export async function contributionsOf(
  pending: ReadonlyMap<string, Promise<TypedArray>>,
  rows: number,
): Promise<Map<string, TypedArray | Float64Array>> {
  const found = await Promise.all([...pending].map(async ([name, data]) => [name, await data] as const));
  const values = new Map(found);
  const loss = values.get("loss")?.[0] ?? Number.NaN;
  const counted = values.get("rows")?.[0] ?? rows;
  const metrics = found
    .filter(([name]) => name.startsWith(metricPrefix))
    .map(([name, data]) => [name.slice(metricPrefix.length), data] as const);
  return new Map<string, TypedArray | Float64Array>([["", Float64Array.of(loss * counted, counted)], ...metrics]);
}
