// A batch as tensors.
import { AttributeError, fromHost, type Tensor } from "@stria/core";
import type { Collatable, HostBatch } from "./collate.ts";
import type { Sample } from "./dataset.ts";

/**
 * What a loader makes of items, unless it is given `collate`: each field a tensor `[batch, ...]`; text and other values that are no numbers, an array of
 * them.
 */
export type Batch<Item = Sample> = {
  readonly [Name in keyof Item]: Item[Name] extends Collatable ? Tensor : readonly Item[Name][];
} & {
  /** With `last: "pad"`: float32 `[batch]`, 1 for an item, 0 for a row that only fills up. */
  readonly mask?: Tensor;
};

/** The tensors of a batch; `masked` says whether it has a mask. They stay on the host until a step takes them to the device, for that step. */
export function batchOf({ columns, rows, count }: HostBatch, masked: boolean): Record<string, unknown> {
  const batch = Object.fromEntries<unknown>(
    [...columns].map(([name, column]) => [
      name,
      "data" in column ? fromHost(column.data, column.shape, column.dtype) : column,
    ]),
  );
  if (!masked) return batch;
  if (columns.has("mask"))
    throw new AttributeError(
      "loader",
      'last: "pad" gives batches a mask, and the items have a field of that name',
      "call the items' field something else",
    );
  return { ...batch, mask: fromHost(new Float32Array(rows).fill(1, 0, count), [rows], "float32") };
}
