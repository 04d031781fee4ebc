// Bytes that are read in parts: of memory, a blob, a file, an address.

/** A file of which parts can be read. */
export interface ByteSource {
  /** What it is called in errors. */
  readonly name: string;
  /** Bytes. */
  readonly length: number;
  /** The bytes from `begin` up to before `end`, which lie inside. */
  read(begin: number, end: number): Promise<Uint8Array>;
  /** The file called `name` in the same place; undefined where the place of this one is not known. */
  beside(name: string): Promise<ByteSource | undefined>;
  /** Gives it back; nothing can be read afterwards. */
  close(): Promise<void>;
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    length: bytes.length,
    read: async (begin, end) => bytes.subarray(begin, end),
    beside: async () => undefined,
    close: async () => undefined,
  };
}

/** A blob, such as a file that was dropped on a page, as a source. */
export function blobSource(blob: Blob, name: string): ByteSource {
  return {
    name,
    length: blob.size,
    read: async (begin, end) => new Uint8Array(await blob.slice(begin, end).arrayBuffer()),
    beside: async () => undefined,
    close: async () => undefined,
  };
}

/** All bytes of a source. */
export async function readAll(source: ByteSource): Promise<Uint8Array> {
  return source.read(0, source.length);
}
