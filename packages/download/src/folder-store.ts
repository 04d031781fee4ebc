// A folder of the file system as a store.
import { FormatError } from "@stria/core";
import { DownloadError } from "./download-error.ts";
import type { NodeModules } from "./node-modules.ts";
import { checkSize, type Store } from "./store.ts";

function isMissing(error: unknown): boolean {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The store of the files in `folder`, which is made when the first file is kept. */
export function folderStore(node: NodeModules, folder: string): Store {
  const { files, paths } = node;
  const locate = (name: string): string => paths.join(folder, name);
  let written = 0;

  return {
    locate,
    async read(name, limit) {
      try {
        checkSize(locate(name), (await files.stat(locate(name))).size, limit);
        return new Uint8Array(await files.readFile(locate(name)));
      } catch (cause) {
        if (isMissing(cause)) return undefined;
        if (cause instanceof FormatError) throw cause;
        throw new DownloadError(locate(name), "the file is there but cannot be read", "check its permissions", {
          cause,
        });
      }
    },
    async write(name, bytes) {
      const temporary = `${locate(name)}.${node.processNumber}.${written++}.tmp`;
      try {
        await files.mkdir(folder, { recursive: true });
        await files.writeFile(temporary, bytes, { flush: true });
        await files.rename(temporary, locate(name));
      } catch (cause) {
        await files.rm(temporary, { force: true }).catch(() => undefined);
        throw new DownloadError(
          locate(name),
          "the downloaded file cannot be written",
          "make room or give permission, or pass dataDir, a folder that can be written",
          { cause },
        );
      }
    },
    async append(name, bytes) {
      await files.appendFile(locate(name), bytes);
    },
    async remove(name) {
      try {
        await files.unlink(locate(name));
      } catch (cause) {
        if (!isMissing(cause)) throw cause;
      }
    },
  };
}

/** The folder in which programs keep what they can fetch again: `STRIA_CACHE`, else by the system's convention. */
export function cacheFolder({ environment, paths, system }: NodeModules): string {
  if (environment["STRIA_CACHE"]) return environment["STRIA_CACHE"];
  const home = system.homedir();
  if (environment["XDG_CACHE_HOME"]) return paths.join(environment["XDG_CACHE_HOME"], "stria");
  if (system.platform() === "darwin") return paths.join(home, "Library", "Caches", "stria");
  if (system.platform() === "win32")
    return paths.join(environment["LOCALAPPDATA"] ?? paths.join(home, "AppData", "Local"), "stria", "Cache");
  return paths.join(home, ".cache", "stria");
}
