// Where what is in a file of records: a header, the records one after the other, what their fields are, and an index in pages.
import { FormatError } from "@stria/core";

/** "STRIAREC". */
const magic = Uint8Array.of(83, 84, 82, 73, 65, 82, 69, 67);
const version = 1;

export const headerBytes = 64;
/** Records of a page of the index: the place of the first in 8 bytes, then the length of each in 4. */
export const pageRecords = 256;
export const pageBytes: number = 8 + 4 * pageRecords;
/** What the fields are is small. */
const mostSchemaBytes = 2 ** 24;

/** Numbers of bytes from the beginning of the file, and of records. All are below 2^53. */
export interface Layout {
  readonly count: number;
  /** Where the records end, and what their fields are begins, as JSON. */
  readonly schema: number;
  readonly index: number;
  /** Of the whole file. */
  readonly end: number;
}

/** Bytes of the index of so many records. The last page has no more than it needs. */
export function indexBytes(count: number): number {
  const pages = Math.ceil(count / pageRecords);
  return 8 * pages + 4 * count;
}

export function encodeHeader({ count, schema, index, end }: Layout): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(headerBytes);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, version, true);
  for (const [place, value] of [count, schema, index, end].entries())
    view.setBigUint64(16 + 8 * place, BigInt(value), true);
  return bytes;
}

function damaged(name: string, fault: string): FormatError {
  return new FormatError(name, fault, "write it again with writeRecords, or get it again");
}

/** @throws FormatError where a file of `size` bytes that begins so is no whole file of records */
export function decodeHeader(bytes: Uint8Array, size: number, name: string): Layout {
  if (bytes.length < headerBytes || magic.some((byte, place) => bytes[place] !== byte))
    throw damaged(
      name,
      size < headerBytes ? `it has ${size} bytes, and is no file of records` : "it is no file of records",
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = view.getUint32(8, true);
  if (found !== version) throw damaged(name, `its records are of version ${found}, and this reads version ${version}`);
  const [count = 0, schema = 0, index = 0, end = 0] = [0, 1, 2, 3].map((place) =>
    Number(view.getBigUint64(16 + 8 * place, true)),
  );
  if (end !== size) throw damaged(name, `it has ${size} bytes, and says that it has ${end}`);
  const fits = schema >= headerBytes && index >= schema && index - schema <= mostSchemaBytes;
  if (!fits || count > size || index + indexBytes(count) !== end) throw damaged(name, "its header is damaged");
  return { count, schema, index, end };
}
