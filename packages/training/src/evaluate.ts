// Metrics of a model over a dataset, in evaluation mode, compiled.
import { AttributeError, type CompiledFunction, type Tensor, type TypedArray, compile, evaluating } from "@stria/core";
import type { Module } from "@stria/layers";
import { type Batches, type LabelledBatch, checkBatch } from "./batch.ts";
import { checkBatches, checkMetrics, checkModel } from "./check-arguments.ts";
import { InFlight } from "./in-flight.ts";
import type { Accumulator, MetricTable, Results } from "./metrics/metric.ts";
import { untilAborted } from "./until-aborted.ts";

type Measurements = Readonly<Record<string, Tensor>>;

const programs = new WeakMap<object, CompiledFunction<[LabelledBatch, MetricTable], Measurements>>();

function programOf(model: Module): CompiledFunction<[LabelledBatch, MetricTable], Measurements> {
  const known = programs.get(model);
  if (known) return known;
  const program = compile(
    (batch: LabelledBatch, metrics: MetricTable) => measureAll(metrics, model.forward(batch.x), batch),
    { name: "evaluate", modules: [model] },
  );
  programs.set(model, program);
  return program;
}

/** What every metric measures of a batch. */
export function measureAll(metrics: MetricTable, outputs: Tensor, batch: LabelledBatch): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { measure }]) => [name, measure(outputs, batch)]));
}

/** The accumulators of a table of metrics. */
class Totals<Table extends MetricTable> {
  readonly #accumulators: ReadonlyMap<string, Accumulator<unknown>>;

  constructor(metrics: Table) {
    this.#accumulators = new Map(Object.entries(metrics).map(([name, { start }]) => [name, start()]));
  }

  add(contributions: ReadonlyMap<string, TypedArray>): void {
    for (const [name, contribution] of contributions) this.#accumulators.get(name)?.add(contribution);
  }

  results(): Results<Table> {
    return Object.fromEntries([...this.#accumulators].map(([name, total]) => [name, total.result()])) as Results<Table>;
  }
}

/** The data of all tensors of a record; the tensors are given back. */
async function readAll(tensors: Measurements): Promise<Map<string, TypedArray>> {
  const entries = Object.entries(tensors);
  try {
    return new Map(await Promise.all(entries.map(async ([name, tensor]) => [name, await tensor.data()] as const)));
  } finally {
    for (const [, tensor] of entries) tensor.dispose();
  }
}

/** What can be asked of an evaluation. */
export interface EvaluateOptions {
  /** Ends the evaluation when the batch under way is done, or while the next is waited for, with an error: the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Metrics of a model over all batches, in evaluation mode. The result does not depend on how the examples are batched. Nothing of the model changes.
 * @throws AttributeError when there is no batch or an empty one; the reason of `signal` when it is given.
 * @example const { accuracy: share } = await evaluate(model, loader(test, { batchSize: 256 }), { accuracy });
 */
export async function evaluate<Table extends MetricTable>(
  model: Module,
  batches: Batches,
  metrics: Table,
  { signal }: EvaluateOptions = {},
): Promise<Results<Table>> {
  checkModel("evaluate", model, true);
  checkBatches("evaluate", batches);
  checkMetrics("evaluate", metrics);
  const program = programOf(model);
  const totals = new Totals(metrics);
  const inFlight = new InFlight();
  let count = 0;
  try {
    signal?.throwIfAborted();
    for await (const batch of untilAborted(batches, signal)) {
      checkBatch("evaluate", batch);
      await inFlight.room();
      signal?.throwIfAborted();
      inFlight.add(readAll(evaluating(() => program(batch, metrics))), (found) => totals.add(found));
      count++;
    }
    signal?.throwIfAborted();
    await inFlight.drain();
  } finally {
    await inFlight.settled();
  }
  if (count === 0) throw new AttributeError("evaluate", "there are no batches", "pass a loader with at least one");
  return totals.results();
}
