// A header of a tar archive (POSIX.1-2001, pax), and the long names that others carry.
import { FormatError } from "@stria/core";

/** Bytes of a header, of which contents are multiples too. */
export const blockBytes = 512;

/** What a header says. */
export interface TarHeader {
  readonly path: string;
  readonly size: number;
  /** "0" a file, "5" a folder, "x" and "L" a longer name of the next member, ... */
  readonly type: string;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function octal(bytes: Uint8Array): number {
  const digits = textOf(bytes).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || "0", 8) : Number.NaN;
}

/** Octal digits, or base 256 where the first bit is set. */
function sizeOf(bytes: Uint8Array): number {
  if (((bytes[0] ?? 0) & 0x80) === 0) return octal(bytes);
  return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, (bytes[0] ?? 0) & 0x7f);
}

/** Whether the block is the archive's end mark. */
export function isEnd(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Reads a header; undefined where its checksum, the sum of its bytes with spaces for itself, is wrong. */
export function readTarHeader(block: Uint8Array): TarHeader | undefined {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (octal(block.subarray(148, 156)) !== sum) return undefined;
  const isPosix = textOf(block.subarray(257, 263)) === "ustar";
  const prefix = isPosix ? textOf(block.subarray(345, 500)) : "";
  const path = textOf(block.subarray(0, 100));
  const type = String.fromCharCode(block[156] ?? 0).replace("\0", "0");
  return { path: prefix === "" ? path : `${prefix}/${path}`, size: sizeOf(block.subarray(124, 136)), type };
}

/** The records of a pax header: `length key=value\n`. @throws FormatError when one is damaged; `name` is the archive */
export function readPax(bytes: Uint8Array, name: string): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = space < 0 ? Number.NaN : Number(new TextDecoder().decode(bytes.subarray(at, space)));
    const record = new TextDecoder().decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    if (!Number.isInteger(length) || at + length > bytes.length || length <= space - at + 1 || equals < 0)
      throw new FormatError(name, "a pax header of the archive is damaged", "get it again");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** The name in a GNU header of type L. */
export function readLongName(bytes: Uint8Array): string {
  return textOf(bytes);
}
