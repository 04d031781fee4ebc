// The files of a folder of the file system.
import type { NodeModules } from "@stria/download";
import type { FileSource } from "./file-source.ts";
import { unreadable } from "./folder-error.ts";
import { safePath } from "./safe-path.ts";

/** The files below `folder`. Links are followed, each folder is entered once. */
export function folderFiles({ files, paths }: NodeModules, folder: string): FileSource {
  const locate = (path: string): string => paths.join(folder, safePath(path, folder));

  async function collect(below: string, found: string[], entered: Set<string>): Promise<void> {
    const place = paths.join(folder, below);
    try {
      const real = await files.realpath(place);
      if (entered.has(real)) return;
      entered.add(real);
      for (const entry of await files.readdir(place, { withFileTypes: true })) {
        const path = below === "" ? entry.name : `${below}/${entry.name}`;
        const kind = entry.isSymbolicLink() ? await files.stat(paths.join(folder, path)) : entry;
        if (kind.isDirectory()) await collect(path, found, entered);
        else if (kind.isFile()) found.push(path);
      }
    } catch (cause) {
      throw cause instanceof Error && "subject" in cause ? cause : unreadable(place, cause);
    }
  }

  return {
    name: folder,
    async list() {
      const found: string[] = [];
      await collect("", found, new Set());
      return found;
    },
    async read(path) {
      try {
        return new Uint8Array(await files.readFile(locate(path)));
      } catch (cause) {
        throw cause instanceof Error && "subject" in cause ? cause : unreadable(locate(path), cause);
      }
    },
    stream(path) {
      const place = locate(path);
      let handle: Awaited<ReturnType<typeof files.open>> | undefined;
      const size = 2 ** 18;
      return new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          async pull(controller) {
            try {
              handle ??= await files.open(place);
              const buffer = new Uint8Array(size);
              const { bytesRead } = await handle.read(buffer, 0, size);
              if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead));
              await handle.close();
              controller.close();
            } catch (cause) {
              await handle?.close().catch(() => undefined);
              controller.error(unreadable(place, cause));
            }
          },
          async cancel() {
            await handle?.close();
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
}
