// Node's file system. Asked of the process, so that no bundler meets an import it cannot resolve.
import type { Files } from "../files.ts";

let written = 0;
/** Files beside which this process has looked for what killed ones left. */
const looked = new Set<string>();

/** Undefined where there is no Node. */
export function nodeFiles(): Files | undefined {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") return undefined;
  const files = process.getBuiltinModule("node:fs/promises");
  const { basename, dirname, join } = process.getBuiltinModule("node:path");

  /** Makes a renaming itself last; not every system lets a folder be opened. */
  async function syncFolder(folder: string): Promise<void> {
    try {
      const handle = await files.open(folder, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch {
      // the file itself is synced
    }
  }

  /** Removes half-written files beside `path` whose process is no more: it was killed while it wrote. */
  async function removeLeftovers(path: string): Promise<void> {
    if (looked.has(path)) return;
    looked.add(path);
    const start = `${basename(path)}.`;
    for (const name of await files.readdir(dirname(path))) {
      const [, writer] = (name.startsWith(start) ? /^(\d+)-\d+\.tmp$/.exec(name.slice(start.length)) : null) ?? [];
      if (writer !== undefined && !isAlive(Number(writer)))
        await files.rm(join(dirname(path), name), { force: true }).catch(() => {});
    }
  }

  async function size(path: string): Promise<number> {
    try {
      return (await files.stat(path)).size;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
      throw error;
    }
  }

  return {
    read: (path) => files.readFile(path),
    size,
    async writeWhole(path, bytes) {
      const folder = dirname(path);
      const beside = `${path}.${process.pid}-${written++}.tmp`;
      try {
        await files.mkdir(folder, { recursive: true });
        await removeLeftovers(path);
        const file = await files.open(beside, "wx");
        try {
          await file.writeFile(bytes);
          await file.sync();
        } finally {
          await file.close();
        }
        await files.rename(beside, path);
      } catch (error) {
        await files.rm(beside, { force: true }).catch(() => {});
        throw error;
      }
      await syncFolder(folder);
    },
    async writeAt(path, end, bytes) {
      await files.mkdir(dirname(path), { recursive: true });
      const file = await files.open(path, (await size(path)) === 0 ? "a" : "r+");
      try {
        await file.truncate(end);
        try {
          for (let done = 0; done < bytes.length;)
            done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
          await file.sync();
        } catch (error) {
          await file.truncate(end).catch(() => {});
          throw error;
        }
      } finally {
        await file.close();
      }
    },
  };
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
