// tar (POSIX ustar and pax, GNU), as far as archives of data sets need it: the regular files, by name.
import { FormatError } from "@stria/core";

const blockBytes = 512;

function readText(block: Uint8Array): string {
  const end = block.indexOf(0);
  return new TextDecoder().decode(end < 0 ? block : block.subarray(0, end));
}

/** The path in a pax header's records, `length key=value\n`. @throws FormatError where one is damaged */
function paxPath(bytes: Uint8Array, name: string, again: string): string | undefined {
  let path: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = space < 0 ? Number.NaN : Number(readText(bytes.subarray(at, space)));
    // "5 k=\n" is the shortest.
    if (!Number.isInteger(length) || length < space - at + 3 || at + length > bytes.length)
      throw new FormatError(name, "a pax header is damaged", again);
    const record = new TextDecoder().decode(bytes.subarray(space + 1, at + length - 1));
    if (record.startsWith("path=")) path = record.slice(5);
    at += length;
  }
  return path;
}

/**
 * The regular files of a tar archive, by path, as views of `bytes`. Links, folders and other members are passed over.
 * @param name what to call the archive in errors
 * @throws FormatError when a header's checksum is wrong, a pax header is damaged, or a member ends behind the archive
 */
export function readTar(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const again = "delete the archive and get it again";
  const files = new Map<string, Uint8Array>();
  /** Of the member that comes next, where its header has no room for it. */
  let longPath: string | undefined;
  for (let at = 0; at + blockBytes <= bytes.length;) {
    const header = bytes.subarray(at, at + blockBytes);
    if (header.every((byte) => byte === 0)) break;
    // The checksum is the sum of the header's bytes with its own field taken as spaces.
    const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
    const stated = Number.parseInt(readText(header.subarray(148, 156)).trim(), 8);
    const size = Number.parseInt(readText(header.subarray(124, 136)).trim(), 8);
    if (sum !== stated) throw new FormatError(name, `the header at byte ${at} is damaged`, again);
    const start = at + blockBytes;
    if (!Number.isSafeInteger(size) || size < 0 || start + size > bytes.length)
      throw new FormatError(name, `the member at byte ${at} ends behind the archive`, again);
    const contents = bytes.subarray(start, start + size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") longPath = readText(contents);
    else if (type === "x") longPath = paxPath(contents, name, again) ?? longPath;
    // What is for all that follow, and the long name of a link, stand before the member itself.
    else if (type !== "g" && type !== "K") {
      // GNU's own headers have times there.
      const prefix = readText(header.subarray(257, 263)) === "ustar" ? readText(header.subarray(345, 500)) : "";
      const path = readText(header.subarray(0, 100));
      if (type === "\0" || type === "0") files.set(longPath ?? (prefix === "" ? path : `${prefix}/${path}`), contents);
      longPath = undefined;
    }
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}
