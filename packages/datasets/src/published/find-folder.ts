// The folder of a published data set: where the user says, else where all data are.
import { nodeModules } from "@stria/download";
import { type Files, filesOf, type FileSource, pathsIn } from "../files/file-source.ts";
import { FolderError } from "../files/folder-error.ts";

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

/** The folder of a source that has the file `mark`, at whatever depth; undefined where none has, or the source is not there. */
export async function folderWith(source: FileSource, mark: string): Promise<FileSource | undefined> {
  const paths = await pathsIn(source).catch((error: unknown) => {
    if (error instanceof FolderError) return [];
    throw error;
  });
  const found = paths.find((path) => path === mark || path.endsWith(`/${mark}`));
  if (found === undefined) return undefined;
  return found === mark ? source : below(source, found.slice(0, -mark.length - 1));
}

/** The folder of the set `name`, which has the file `mark`: in `from`, or in a folder of that name in it; else in that of all data. Undefined where it is in none. */
export async function findFolder(name: string, mark: string, from: Files | undefined): Promise<FileSource | undefined> {
  const shared = from ?? nodeModules()?.environment["STRIA_DATA"];
  if (shared === undefined) return undefined;
  const outer = filesOf(shared);
  const own = typeof shared === "string" ? filesOf(`${shared.replace(/\/+$/, "")}/${name}`) : below(outer, name);
  const found = await folderWith(own, mark);
  // Of the folder of all data only the set's own is looked into.
  return found ?? (from === undefined ? undefined : folderWith(outer, mark));
}
