// Where files of data sets are looked for and kept.

/** Files by name: a folder, or in a page the browser's Cache. */
export interface Store {
  /** The whole file; undefined when it is not there. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps a file: it is there whole or not at all, whatever happens meanwhile. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
  /** Where a file is or would be, for messages. */
  locate(name: string): string;
}
