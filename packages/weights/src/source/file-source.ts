// A file of the file system as a source, in Node.
import { FormatError } from "@stria/core";
import { type NodeModules } from "@stria/download";
import type { ByteSource } from "./byte-source.ts";

/** Opens the file at `path`. @throws FormatError when it is not there or cannot be read */
export async function fileSource(node: NodeModules, path: string): Promise<ByteSource> {
  const { files, paths } = node;
  const fail = (fault: string, cause: unknown): never => {
    throw new FormatError(path, fault, "check the path and its permissions", { cause });
  };
  const file = await files.open(path).catch((cause: unknown) => fail("the file cannot be opened", cause));
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    return fail("this is a folder or something else than a file", undefined);
  }
  const { size } = stat;
  return {
    name: path,
    length: size,
    async read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, begin + at);
        if (bytesRead === 0) return fail("the file has become shorter while it was read", undefined);
        at += bytesRead;
      }
      return bytes;
    },
    beside: async (name) => fileSource(node, paths.join(paths.dirname(path), name)),
    close: async () => file.close(),
  };
}
