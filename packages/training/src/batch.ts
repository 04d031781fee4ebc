// What a batch is, and what can be said of it before it goes to a device.
import { AttributeError, type Tensor, isTensor } from "@stria/core";

/** What loaders give: inputs, targets, and with padded batches which rows count. */
export interface LabelledBatch {
  /** [N, ...]. */
  readonly x: Tensor;
  /** [N, ...]. */
  readonly y: Tensor;
  /** float32 [N]: 1 for an example, 0 for a row that only fills up. */
  readonly mask?: Tensor;
}

/** Batches of an epoch; iterated again for the next one. */
export type Batches<Batch = LabelledBatch> = AsyncIterable<Batch> | Iterable<Batch>;

/** @throws AttributeError for a batch that is none, or without examples. */
export function checkBatch(name: string, batch: unknown): void {
  if (batch === undefined || batch === null)
    throw new AttributeError(name, `the batch is ${String(batch)}`, "pass one, such as { x, y }");
  if (typeof batch !== "object") return;
  for (const [key, value] of Object.entries(batch))
    if (isTensor(value) && value.shape[0] === 0)
      throw new AttributeError(
        name,
        `the batch is empty: ${key} is [${value.shape.join(", ")}]`,
        "leave empty batches out",
      );
}
