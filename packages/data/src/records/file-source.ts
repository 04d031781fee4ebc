// Bytes of a file anywhere in it: of Node's file system, read at once; of a page's File or Blob, which must be waited for.
import { AttributeError, DisposedError, FormatError } from "@stria/core";
import type * as FileSystem from "node:fs";

/** A file that is open. */
export interface FileSource {
  readonly name: string;
  readonly size: number;
  /** `length` bytes from `start` on, in memory of their own. @throws FormatError where they are not there. */
  read(start: number, length: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
  close(): void;
}

/** Asked for at run time, so that a bundle for browsers holds no import of Node's modules. */
export function fileSystem(): typeof FileSystem | undefined {
  return typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:fs");
}

function cutShort(name: string, start: number, length: number): FormatError {
  return new FormatError(name, `there are no ${length} bytes at ${start}`, "the file was changed while it was open");
}

function ofFolder(files: typeof FileSystem, path: string | URL): FileSource {
  const name = String(path);
  let descriptor: number;
  try {
    descriptor = files.openSync(path, "r");
  } catch (cause) {
    throw new FormatError(name, "it cannot be opened", "see whether it is there and may be read", { cause });
  }
  let closed = false;
  return {
    name,
    size: files.fstatSync(descriptor).size,
    read(start, length) {
      if (closed) throw new DisposedError(name, "it was closed", "open it again");
      const bytes = new Uint8Array(length);
      let read = 0;
      while (read < length) {
        const count = files.readSync(descriptor, bytes, read, length - read, start + read);
        if (count === 0) throw cutShort(name, start, length);
        read += count;
      }
      return bytes;
    },
    close() {
      if (!closed) files.closeSync(descriptor);
      closed = true;
    },
  };
}

function ofBlob(blob: Blob): FileSource {
  const name = "name" in blob && typeof blob.name === "string" ? blob.name : "records";
  return {
    name,
    size: blob.size,
    async read(start, length) {
      const bytes = new Uint8Array(await blob.slice(start, start + length).arrayBuffer());
      if (bytes.length < length) throw cutShort(name, start, length);
      return bytes;
    },
    close: () => {},
  };
}

/** @throws FormatError where the file cannot be opened; AttributeError for a path where there is no file system */
export function openFile(file: string | URL | Blob): FileSource {
  if (file instanceof Blob) return ofBlob(file);
  const files = fileSystem();
  if (files) return ofFolder(files, file);
  throw new AttributeError(
    "openRecords",
    "a page has no file system to find a path in",
    "pass the File that a person chose, or a Blob: await (await fetch(address)).blob()",
  );
}
