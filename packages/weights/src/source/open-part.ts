// A file that another one names: a shard, a part of a model.
import { FormatError } from "@stria/core";
import { refuse } from "../fault.ts";
import type { ByteSource } from "./byte-source.ts";
import { checkPartName } from "./part-name.ts";

/** Opens the file `name` beside `file`. @throws FormatError that names both where it cannot be opened, or lies elsewhere; DownloadError of an address */
export async function openPart(file: ByteSource, name: string): Promise<ByteSource> {
  const source = file.name;
  checkPartName(name, source);
  const remedy = "put all parts beside it; of a page, pass them as { files }";
  try {
    return (await file.beside(name)) ?? refuse(source, `where its part ${name} lies is not known`, remedy);
  } catch (cause) {
    if (!(cause instanceof FormatError) || cause.subject === source) throw cause;
    throw new FormatError(source, `its part ${name} cannot be opened (${cause.message})`, remedy, { cause });
  }
}
