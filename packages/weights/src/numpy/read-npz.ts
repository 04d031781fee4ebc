// Archives of numpy.savez and numpy.savez_compressed (.npz): a zip archive of .npy files.
import type { StoredTensor } from "@stria/core";
import { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { checkTensorName } from "../tensor-name.ts";
import { readZip } from "../zip/read-zip.ts";
import { unpack } from "../zip/unpack.ts";
import { readArray } from "./read-npy.ts";

const suffix = ".npy";

/** Which arrays of an archive to read. */
export interface NpzOptions {
  /** Names of those that are wanted, without `.npy`; the others are not looked at. Default: all. */
  readonly names?: readonly string[];
}

/**
 * Reads the arrays of an archive, by their names without `.npy`, in the archive's order, as `readNpy` does; checksums are
 * compared. What is allocated is bounded by 32 MiB and eight times the file's size.
 * @param source what to call the file in errors
 * @throws FormatError for an archive that is damaged, grows beyond that bound, lacks a name that is asked for or holds something else than arrays
 * of numbers
 */
export async function readNpz(
  bytes: Uint8Array,
  source: string = "NumPy archive",
  { names }: NpzOptions = {},
): Promise<Map<string, StoredTensor>> {
  const given: unknown = bytes; // what JavaScript may pass
  if (!(given instanceof Uint8Array))
    return refuse(source, "what was given is no Uint8Array", "pass the file's bytes: new Uint8Array(arrayBuffer)");
  const budget = new Budget(source, bytes.length);
  const entries = readZip(bytes, budget);
  const wanted = names?.map((name) => name + suffix) ?? entries.keys();
  const arrays = new Map<string, StoredTensor>();
  for (const entryName of wanted) {
    const name = entryName.slice(0, -suffix.length);
    const entry = entries.get(entryName);
    if (entry === undefined)
      return refuse(
        source,
        `there is no array ${JSON.stringify(name)} in it`,
        `ask for ${[...entries.keys()].slice(0, 8).join(", ") || "nothing: it is empty"}`,
      );
    if (!entryName.endsWith(suffix))
      return refuse(
        source,
        `it has an entry ${JSON.stringify(entryName)}, which is no array`,
        "pass a file that numpy.savez has written, or the names of its arrays",
      );
    checkTensorName(name, source);
    arrays.set(name, readArray(await unpack(entryName, entry, budget), `${source}, ${entryName}`, budget));
  }
  return arrays;
}
