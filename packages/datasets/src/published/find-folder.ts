// The folder of a published data set: where the user says, else where all data are.
import { FolderError } from "../files/folder-error.ts";
import { type Files, filesOf, type FileSource, pathsIn } from "../files/file-source.ts";
import { nodeModules } from "@stria/download";

export interface FolderOptions {
  /** The folder, or one with a folder of the set's name in it; in a page its handle or its files. Default: the folder that the environment variable `STRIA_DATA` names. */
  readonly from?: Files;
}

/** The files below `folder` of a source. */
function below(source: FileSource, folder: string): FileSource {
  const start = `${folder}/`;
  return {
    name: `${source.name.replace(/\/$/, "")}/${folder}`,
    list: async () => (await source.list()).flatMap((path) => (path.startsWith(start) ? path.slice(start.length) : [])),
    read: (path) => source.read(start + path),
    ...(source.stream && { stream: (path: string) => source.stream?.(start + path) ?? new ReadableStream() }),
  };
}

/**
 * The folder with a set's files, among which is one whose path ends in `mark`.
 * @throws FolderError when it is in none of the places, which says what to do
 */
export async function findFolder(
  name: string,
  mark: string,
  address: string,
  { from }: FolderOptions,
): Promise<FileSource> {
  const shared = from ?? nodeModules()?.environment["STRIA_DATA"];
  const remedy = `get it from ${address}, and pass its folder as the option from`;
  if (shared === undefined) throw new FolderError(name, "no folder is given, and STRIA_DATA names none", remedy);
  const outer = filesOf(shared);
  // Of the folder of all data only the set's own is looked into.
  const sources =
    typeof shared === "string"
      ? [filesOf(`${shared.replace(/\/+$/, "")}/${name}`), outer]
      : [below(outer, name), outer];
  for (const source of from === undefined ? sources.slice(0, 1) : sources) {
    const paths = await pathsIn(source).catch((error: unknown) => {
      if (error instanceof FolderError) return [];
      throw error;
    });
    const found = paths.find((path) => path === mark || path.endsWith(`/${mark}`));
    if (found === undefined) continue;
    return found === mark ? source : below(source, found.slice(0, -mark.length - 1));
  }
  throw new FolderError(name, `it is not in ${outer.name}`, remedy);
}
