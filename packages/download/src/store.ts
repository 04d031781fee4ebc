// Where published files are looked for and kept.
import { FormatError } from "@stria/core";

/** Files by name: a folder, or in a page the browser's Cache. */
export interface Store {
  /**
   * The whole file; undefined when it is not there.
   * @throws FormatError when it is longer than `limit` bytes: nothing of it is read
   */
  read(name: string, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps a file: it is there whole or not at all, whatever happens meanwhile. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Adds to a file that is there; missing where a store can only keep whole files. */
  append?(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Forgets a file; nothing happens where it is not there. */
  remove(name: string): Promise<void>;
  /** Where a file is or would be, for messages. */
  locate(name: string): string;
}

/** @throws FormatError when a file of `size` bytes cannot be the one that has at most `limit` */
export function checkSize(where: string, size: number, limit: number): void {
  if (size > limit)
    throw new FormatError(
      where,
      `it has ${size} bytes, more than the ${limit} that the file can have`,
      "it is another file under this name; delete it and get it again",
    );
}
