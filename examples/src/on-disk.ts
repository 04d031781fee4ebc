// Numbers that take long to compute, kept in a file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { decodeSafetensors, encodeSafetensors } from "@stria/core/safetensors";

/** The rows of a table of floats that a file holds; where there is no file, they are computed and kept in it. */
export async function rowsOnDisk(
  path: string,
  [count, width]: readonly [count: number, width: number],
  compute: () => Promise<readonly number[]>,
): Promise<Float32Array> {
  if (!existsSync(path)) {
    const entry = { data: Float32Array.from(await compute()), shape: [count, width], dtype: "float32" } as const;
    writeFileSync(path, encodeSafetensors(new Map([["rows", entry]])));
  }
  const rows = decodeSafetensors(readFileSync(path), path).tensors.get("rows")?.data;
  if (rows instanceof Float32Array && rows.length === count * width) return rows;
  throw new RangeError(`${path} holds other numbers: remove it`);
}
