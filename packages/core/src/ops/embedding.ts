// Rows of a table, looked up by number.
import { at, showShape } from "../tensor/aval.ts";
import { type TensorLike, asTensor } from "../tensor/dispatch.ts";
import { AttributeError, ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkHostData } from "../trace/trace.ts";
import { equal } from "./equal.ts";
import { stopGradient } from "./identity.ts";
import { reshape } from "./reshape.ts";
import { asIndices } from "./support/indexing.ts";
import { take } from "./take.ts";
import { where } from "./where.ts";

export interface EmbeddingOptions {
  /** The row of padding: it is read, but gets no gradient. Negative ones count from the last row. */
  readonly paddingIndex?: number;
}

/**
 * Rows of `weight` [rows, size] at `indices` (int32, any shape): [..., size]. Indices on the host are checked before they are used; on a device
 * one outside 0..rows-1 gives a row of NaN. @throws ShapeError, AttributeError.
 */
export function embedding(indices: TensorLike, weight: TensorLike, { paddingIndex }: EmbeddingOptions = {}): Tensor {
  const [given, table] = [asTensor(indices, "embedding"), asTensor(weight, "embedding")];
  if (table.rank !== 2)
    throw new ShapeError("embedding", `the table is ${showShape(table.shape)}`, "give it as [rows, size]");
  const rows = at(table.shape, 0);
  checkHostData(given, (data) => {
    for (const [place, index] of data.entries())
      if (index < 0 || index >= rows)
        throw new AttributeError(
          "embedding",
          `index ${index} at place ${place} is not one of ${rows} rows`,
          `indices are whole numbers from 0 to ${rows - 1}`,
        );
  });
  const places = asIndices("embedding", given);
  const y = take(table, places);
  if (paddingIndex === undefined) return y;
  if (!Number.isInteger(paddingIndex) || paddingIndex < -rows || paddingIndex >= rows)
    throw new AttributeError(
      "embedding",
      `paddingIndex is ${paddingIndex}, the table has ${rows} rows`,
      `use ${-rows} to ${rows - 1}`,
    );
  const isPadding = equal(places, paddingIndex < 0 ? paddingIndex + rows : paddingIndex);
  return where(reshape(isPadding, [...places.shape, 1]), stopGradient(y), y);
}
