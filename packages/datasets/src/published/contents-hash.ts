// One hash of many files: archives that are packed anew have other bytes and the same contents.
import { sha256 } from "@stria/download";
import { type FileSource, pathsIn } from "../files/file-source.ts";

/** The SHA-256 of the lines `sha256 path`, of all files below the folders, in ascending order of their paths. */
export async function contentsHash(source: FileSource, folders: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const path of await pathsIn(source))
    if (folders.some((folder) => path.startsWith(`${folder}/`)))
      lines.push(`${await sha256(await source.read(path))} ${path}\n`);
  return sha256(new TextEncoder().encode(lines.join("")));
}
