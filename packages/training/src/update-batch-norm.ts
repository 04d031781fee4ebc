// Running statistics of batch normalisation, computed again: for averaged parameters, whose statistics no training step has seen.
import { AttributeError, type Cell, compile, namedModules, training } from "@stria/core";
import { BatchNorm, type Module } from "@stria/layers";
import { type Batches, type LabelledBatch, checkBatch } from "./batch.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Sets the running mean and variance of every batch normalisation to their averages over all batches, each batch counting the same: PyTorch's `update_bn`, after
 * stochastic weight averaging (Izmailov et al. 2018). The model runs in training mode, dropout included; parameters do not change. Batches with padded rows would
 * count those: load with `last: "keep"` or `"drop"`.
 * @example
 * await withParameters(model, average, async () => {
 *   await updateBatchNorm(model, batches);
 *   console.log(await evaluate(model, validation, { accuracy }));
 * });
 * @throws AttributeError for data without batches or a batch with padded rows; the reason of `signal`; the statistics are then as they were.
 */
export async function updateBatchNorm(
  model: Module,
  batches: Batches,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const norms = [...namedModules(model)].map(([, module]) => module).filter((module) => module instanceof BatchNorm);
  const cells = norms.flatMap(({ running_mean, running_var, num_batches_tracked }) =>
    [running_mean, running_var, num_batches_tracked].filter((cell) => cell !== null),
  );
  if (cells.length === 0) return;
  const momenta = norms.map(({ momentum }) => momentum);
  const old = cells.map((cell: Cell) => ({ cell, value: cell.value }));
  const forward = compile(
    (batch: LabelledBatch) => {
      model.forward(batch.x);
    },
    { name: "updateBatchNorm", modules: [model] },
  );
  let done = false;
  try {
    for (const norm of norms) norm.resetRunningStatistics(null);
    done = await runOver(batches, forward, signal);
  } finally {
    for (const [index, norm] of norms.entries()) norm.momentum = momenta[index] ?? null;
    for (const { cell, value } of old) {
      if (!done) cell.set(value);
      value.dispose();
    }
    forward.clear();
  }
}

async function runOver(
  batches: Batches,
  forward: (batch: LabelledBatch) => void,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let count = 0;
  for await (const batch of untilAborted(batches, signal)) {
    signal?.throwIfAborted();
    checkBatch("updateBatchNorm", batch);
    if (batch.mask && (await batch.mask.data()).includes(0))
      throw new AttributeError(
        "updateBatchNorm",
        "the batch has padded rows, which would count",
        'load with last: "keep" or "drop"',
      );
    training(() => forward(batch));
    count++;
  }
  signal?.throwIfAborted();
  if (count === 0)
    throw new AttributeError("updateBatchNorm", "there are no batches", "pass a loader with at least one");
  return true;
}
