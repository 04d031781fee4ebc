// Files by path: what a data set is read from, whether they lie on a disk, in a page's folder, in a list or in memory.
import { AttributeError } from "@stria/core";
import { nodeModules } from "@stria/download";
import { directoryFiles, listedFiles } from "./browser-files.ts";
import { folderFiles } from "./node-folder.ts";

/** Files by path. Paths are relative, with `/` between their parts; a data set needs no more of the place where they are. */
export interface FileSource {
  /** What to call it in errors: the path of a folder, the name of an archive. */
  readonly name: string;
  /** The paths of all files, in any order. */
  list(): Promise<readonly string[]>;
  /** The whole of a file. @throws FolderError when it is not there, or cannot be read */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** A file piece by piece, where that is possible without reading it whole. */
  stream?(path: string): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Where files are: the path of a folder (in Node), a folder or a list of files that the user chose (in a page), or a source of one's own. */
export type Files = string | FileSystemDirectoryHandle | Iterable<File> | FileSource;

function isSource(files: Files): files is FileSource {
  return typeof files === "object" && "list" in files && "read" in files;
}

function isDirectory(files: Files): files is FileSystemDirectoryHandle {
  return typeof files === "object" && "kind" in files && files.kind === "directory";
}

/** The files of a folder, a `FileSystemDirectoryHandle`, a list of `File` or a source. @throws AttributeError for what is none, and for a path in a page, which has no folders */
export function filesOf(files: Files): FileSource {
  if (typeof files === "string") {
    const node = nodeModules();
    if (node) return folderFiles(node, files);
    throw new AttributeError(
      files,
      "a page has no folders by path",
      "pass a FileSystemDirectoryHandle (showDirectoryPicker), the files of an input, or a source of your own",
    );
  }
  const given: unknown = files;
  if (typeof given !== "object" || given === null)
    throw new AttributeError("files", `they are ${String(given)}`, "pass a folder's path, its handle, or its files");
  if (isSource(files)) return files;
  if (isDirectory(files)) return directoryFiles(files);
  if (Symbol.iterator in files) return listedFiles(files);
  throw new AttributeError("files", "they are no folder and no list", "pass a folder's path, its handle, or its files");
}

/** Whether a path is of what systems put beside the user's files. */
function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith(".") || part === "__MACOSX" || part === "Thumbs.db");
}

/** All paths below `within` in ascending order, without hidden files. */
export async function pathsIn(source: FileSource, within: string = ""): Promise<string[]> {
  const below = within === "" ? "" : `${within.replace(/\/+$/, "")}/`;
  const all = await source.list();
  return all.filter((path) => path.startsWith(below) && !isHidden(path)).toSorted((a, b) => (a < b ? -1 : 1));
}

/** What to call one of the files in errors. */
export function placeOf(source: FileSource, path: string): string {
  return source.name === "" ? path : `${source.name.replace(/\/$/, "")}/${path}`;
}
