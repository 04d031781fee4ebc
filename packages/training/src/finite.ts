// NaN in a batch that is still on the host is found before anything is computed.
import { AttributeError, type Tensor, checkHostData, isTensor } from "@stria/core";

/** Has the float tensors of a batch looked through before each run. */
export function checkNoNaN(name: string, batch: unknown, place = "batch"): void {
  if (isTensor(batch)) {
    if (batch.dtype === "float32") checkHostData(batch, (data) => refuse(name, place, batch, data));
    return;
  }
  if (typeof batch !== "object" || batch === null) return;
  for (const [key, value] of Object.entries(batch)) checkNoNaN(name, value, key);
}

function refuse(name: string, place: string, { shape }: Tensor, data: ArrayLike<number>): void {
  for (let index = 0; index < data.length; index++) {
    const value = data[index];
    if (value === value) continue; // what differs from itself is NaN; quicker than a call for each number
    const row = shape.length > 0 ? Math.floor((index * (shape[0] ?? 1)) / data.length) : 0;
    throw new AttributeError(
      name,
      `${place} of the batch has NaN at index ${index}, in example ${row}`,
      "find it in the data; a loader with { checkFinite: true } names the sample",
    );
  }
}
