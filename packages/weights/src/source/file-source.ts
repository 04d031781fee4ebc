// A file of the file system as a source, in Node.
import { FormatError } from "@stria/core";
import type { NodeModules } from "@stria/download";
import type { ByteSource } from "./byte-source.ts";

/** What is known of an open file. */
export interface FileFacts {
  readonly size: number;
  /** Whether it is an ordinary file. */
  isFile(): boolean;
}

/** What a file handle of Node (`await open(path)` of node:fs/promises) can do, as far as reading needs it. */
export interface FileHandleLike {
  /** How long it is, and whether it is a file. */
  stat(): Promise<FileFacts>;
  /** Fills a part of `buffer` from a place of the file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
}

function fail(source: string, fault: string, cause?: unknown): never {
  throw new FormatError(source, fault, "check the path and its permissions", { cause });
}

/** The file of an open handle, which stays open. @throws FormatError when it is a folder or something else than a file */
export async function handleSource(file: FileHandleLike, name: string): Promise<ByteSource> {
  const stat = await file.stat();
  if (!stat.isFile()) return fail(name, "this is a folder or something else than a file");
  return {
    name,
    length: stat.size,
    async read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length;) {
        const { bytesRead } = await file.read(bytes, at, bytes.length - at, begin + at);
        if (bytesRead === 0) return fail(name, "the file has become shorter while it was read");
        at += bytesRead;
      }
      return bytes;
    },
    beside: async () => undefined,
    close: async () => undefined,
  };
}

/** Opens the file at `path`. @throws FormatError when it is not there or cannot be read */
export async function fileSource(node: NodeModules, path: string): Promise<ByteSource> {
  const { files, paths } = node;
  const file = await files.open(path).catch((cause: unknown) => fail(path, "the file cannot be opened", cause));
  try {
    return {
      ...(await handleSource(file, path)),
      beside: async (name) => fileSource(node, paths.join(paths.dirname(path), name)),
      close: async () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
