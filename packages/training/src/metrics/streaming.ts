// A metric by hand: an object that is given outputs and targets batch by batch.
import { type Tensor, type TypedArray, isTensor, scope } from "@stria/core";
import type { LabelledBatch } from "../batch.ts";
import type { Metric } from "./metric.ts";

/** A figure that grows with every batch. */
export interface StreamingMetric<Result> {
  /**
   * Takes a batch in: outputs [N, ...], and its targets [N, ...] with, where there are padded rows, the mask [N] of those that count; or the whole batch.
   * @throws what the metric throws for tensors that do not fit and labels out of range; nothing has changed then.
   */
  update(outputs: Tensor, targets: Tensor | LabelledBatch, mask?: Tensor): void;
  /** The figure over all batches so far. @throws what computing one of them threw, until `reset`. */
  result(): Promise<Result>;
  /** Forgets all batches. */
  reset(): void;
}

/**
 * A metric as an object that holds what it has seen. Each batch is reduced on the device; only its contribution is read back.
 * @example
 * const share = streaming(accuracy);
 * for (const { x, y } of batches) share.update(await predict(model, x), y);
 * console.log(await share.result());
 */
export function streaming<Result>({ measure, start }: Metric<Result>): StreamingMetric<Result> {
  let total = start();
  let taken: Promise<void> = Promise.resolve();
  return {
    update(outputs, targets, mask) {
      const batch = isTensor(targets) ? { x: outputs, y: targets, ...(mask && { mask }) } : targets;
      const contribution = read(scope(() => measure(outputs, batch)));
      const [before, into] = [taken, total];
      taken = Promise.all([contribution, before]).then(([found]) => into.add(found));
      taken.catch(() => {}); // result() throws it
    },
    async result() {
      const of = total;
      await taken;
      return of.result();
    },
    reset() {
      [total, taken] = [start(), Promise.resolve()];
    },
  };
}

async function read(tensor: Tensor): Promise<TypedArray> {
  try {
    return await tensor.data();
  } finally {
    tensor.dispose();
  }
}
