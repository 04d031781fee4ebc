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

/** Times anything finite it is 0, times NaN and infinities NaN. */
const nothing = 0;

function refuse(name: string, place: string, { shape }: Tensor, data: ArrayLike<number>): void {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += (data[index] ?? 0) * nothing; // quicker than looking at each
  if (sum === 0) return;
  const index = Array.from(data).findIndex(Number.isNaN);
  if (index < 0) return; // infinities alone
  const example = Math.floor((index * (shape[0] ?? 1)) / data.length);
  throw new AttributeError(
    name,
    `${place} of the batch has NaN at index ${index}, in example ${example}`,
    "find it in the data; a loader with { checkFinite: true } names the sample",
  );
}
