// A tar archive in memory as a folder of files.
import { FormatError } from "@stria/core";
import { memoryFiles } from "../files/browser-files.ts";
import type { FileSource } from "../files/file-source.ts";
import { tarMembers, type TarOptions } from "./tar-members.ts";

export interface ArchiveOptions extends TarOptions {
  /** What to call the archive in errors. */
  readonly name?: string;
  /** The most bytes that all files together may have. Default: 2 GiB. */
  readonly total?: number;
}

/**
 * The files in the bytes of a tar archive, compressed by gzip or not, for any of the datasets: `imageFolder(await archiveFiles(bytes))`. What is larger than memory is for `shards`.
 * @throws FormatError as {@link tarMembers}, and when all files are more than `total`
 */
export async function archiveFiles(
  bytes: Uint8Array<ArrayBuffer>,
  { name = "archive", total = 2 ** 31, ...options }: ArchiveOptions = {},
): Promise<FileSource> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  let sum = 0;
  for await (const member of tarMembers(new Blob([bytes]).stream(), name, options)) {
    sum += member.bytes.length;
    if (sum > total)
      throw new FormatError(
        name,
        `its files are more than ${total} bytes`,
        "raise the option total if you trust the archive, or read it by shards",
      );
    files.set(member.path, member.bytes);
  }
  return memoryFiles(name, files);
}
