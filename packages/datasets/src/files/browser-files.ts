// Files that the user of a page chose: a folder, or a list of them.
import { AttributeError } from "@stria/core";
import type { FileSource } from "./file-source.ts";
import { FolderError, unreadable } from "./folder-error.ts";

async function bytesOf(file: Blob, place: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw unreadable(place, cause);
  }
}

function absent(place: string): FolderError {
  return new FolderError(place, "it is not there", "check the path");
}

/** Blobs by path as a source. */
function blobFiles(name: string, files: ReadonlyMap<string, Blob>): FileSource {
  const find = (path: string): Blob => {
    const file = files.get(path);
    if (file) return file;
    throw absent(`${name}/${path}`);
  };
  return {
    name,
    list: async () => [...files.keys()],
    read: async (path) => bytesOf(find(path), `${name}/${path}`),
    stream: (path) => find(path).stream(),
  };
}

/** The files of an `<input type="file" webkitdirectory multiple>`, or of a drop. The folder that all of them share is left out of their paths. */
export function listedFiles(list: Iterable<File>): FileSource {
  const files = [...list];
  const found = files.map((file) => {
    const given: unknown = file;
    if (!(given instanceof Blob) || typeof file.name !== "string")
      throw new AttributeError("files", `one of them is ${typeof given}`, "pass File objects");
    return [file.webkitRelativePath || file.name, file] as const; // "" where a file was chosen alone
  });
  const [top = ""] = found[0]?.[0].split("/") ?? [];
  const isShared = found.length > 0 && found.every(([path]) => path.startsWith(`${top}/`));
  const byPath = new Map(found.map(([path, file]) => [isShared ? path.slice(top.length + 1) : path, file]));
  if (byPath.size < found.length)
    throw new AttributeError("files", "two of them have the same name", "choose a folder, so that they have paths");
  return blobFiles(isShared ? top : "files", byPath);
}

/** Files that are in memory, by path. */
export function memoryFiles(name: string, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): FileSource {
  return {
    name,
    list: async () => [...files.keys()],
    read: async (path) => {
      const bytes = files.get(path);
      if (bytes) return bytes;
      throw absent(`${name}/${path}`);
    },
  };
}

/** The files below a folder of a page: of `showDirectoryPicker()`, of a drop, or of the private file system. */
export function directoryFiles(directory: FileSystemDirectoryHandle): FileSource {
  const name = directory.name === "" ? "folder" : directory.name;
  let found: Promise<Map<string, FileSystemFileHandle>> | undefined;

  async function collect(
    folder: FileSystemDirectoryHandle,
    below: string,
    handles: Map<string, FileSystemFileHandle>,
  ): Promise<Map<string, FileSystemFileHandle>> {
    try {
      for await (const [entry, handle] of folder.entries())
        if (handle instanceof FileSystemFileHandle) handles.set(below + entry, handle);
        else if (handle instanceof FileSystemDirectoryHandle) await collect(handle, `${below}${entry}/`, handles);
      return handles;
    } catch (cause) {
      throw cause instanceof FolderError ? cause : unreadable(`${name}/${below}`, cause);
    }
  }

  async function fileAt(path: string): Promise<File> {
    found ??= collect(directory, "", new Map());
    const handle = (await found).get(path);
    if (!handle) throw absent(`${name}/${path}`);
    return handle.getFile().catch((cause: unknown) => Promise.reject(unreadable(`${name}/${path}`, cause)));
  }

  return {
    name,
    async list() {
      found = collect(directory, "", new Map());
      return [...(await found).keys()];
    },
    read: async (path) => bytesOf(await fileAt(path), `${name}/${path}`),
    stream(path) {
      const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
      // What goes wrong on the way is thrown where the stream is read.
      const copied = fileAt(path).then((file) => file.stream().pipeTo(writable));
      copied.catch((cause: unknown) => writable.abort(cause).catch(() => undefined));
      return readable;
    },
  };
}
