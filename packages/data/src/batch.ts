// A batch on its way to the device, and who gives its memory back.
import { fromHost, type Tensor } from "@stria/core";
import type { HostBatch } from "./collate.ts";
import type { SampleInfo } from "./dataset.ts";

/** What a loader gives: `x` is `[batch, ...x.shape]`, `y` is `[batch, ...y.shape]`. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
  /** With `last: "pad"`: float32 `[batch]`, 1 for a sample, 0 for a row that only fills up. */
  readonly mask?: Tensor;
}

/**
 * Makes the tensors of one batch after the other. Nobody disposes the batches of a loop, and waiting for the garbage collector would
 * take a whole epoch's memory on the device: so, unless `keepBatches`, each call gives back the batch of the call before.
 */
export function batchMaker(info: SampleInfo, masked: boolean, keepBatches: boolean): (host: HostBatch) => Batch {
  let previous: readonly Tensor[] = [];
  return ({ x, y, rows, count }) => {
    for (const used of previous) used.dispose();
    const batch = {
      x: fromHost(x, [rows, ...info.x.shape], info.x.dtype),
      y: fromHost(y, [rows, ...info.y.shape], info.y.dtype),
    };
    const mask = masked ? fromHost(new Float32Array(rows).fill(1, 0, count), [rows], "float32") : undefined;
    if (!keepBatches) previous = [batch.x, batch.y, ...(mask ? [mask] : [])];
    return mask ? { ...batch, mask } : batch;
  };
}
