// A batch as tensors.
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

/** The tensors of a batch; `masked` says whether it has a mask. They stay on the host until a step takes them to the device, for that step. */
export function batchOf({ x, y, rows, count }: HostBatch, info: SampleInfo, masked: boolean): Batch {
  const batch = {
    x: fromHost(x, [rows, ...info.x.shape], info.x.dtype),
    y: fromHost(y, [rows, ...info.y.shape], info.y.dtype),
  };
  return masked ? { ...batch, mask: fromHost(new Float32Array(rows).fill(1, 0, count), [rows], "float32") } : batch;
}
