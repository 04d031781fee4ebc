// The origin private file system of browsers (OPFS), on pages and in workers.
import type { Files } from "../files.ts";

/** Undefined where there is none. */
export function privateFiles(): Files | undefined {
  if (typeof navigator === "undefined" || typeof navigator.storage?.getDirectory !== "function") return undefined;
  const { storage } = navigator;

  async function handleOf(path: string, create: boolean): Promise<FileSystemFileHandle> {
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    let folder = await storage.getDirectory();
    for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create });
    return folder.getFileHandle(names.at(-1) ?? "", { create });
  }

  /** What is written goes to a copy that takes the file's place when it is closed. */
  async function write(path: string, bytes: Uint8Array, keep: number): Promise<void> {
    const writable = await (await handleOf(path, true)).createWritable({ keepExistingData: keep > 0 });
    try {
      await writable.truncate(keep);
      await writable.write({ type: "write", position: keep, data: new Uint8Array(bytes) });
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => {});
      throw error;
    }
  }

  return {
    async read(path) {
      return new Uint8Array(await (await (await handleOf(path, false)).getFile()).arrayBuffer());
    },
    async size(path) {
      try {
        return (await (await handleOf(path, false)).getFile()).size;
      } catch (error) {
        if (error instanceof DOMException && error.name === "NotFoundError") return 0;
        throw error;
      }
    },
    writeWhole: (path, bytes) => write(path, bytes, 0),
    writeAt: (path, end, bytes) => write(path, bytes, end),
  };
}
