// tar (POSIX ustar), as far as archives of data sets need it: the regular files, by name.
import { FormatError } from "@stria/core";

const blockBytes = 512;

function readText(block: Uint8Array): string {
  const end = block.indexOf(0);
  return new TextDecoder("latin1").decode(end < 0 ? block : block.subarray(0, end));
}

/**
 * The regular files of a tar archive, by path, as views of `bytes`. Links, folders and other members are passed over.
 * @param name what to call the archive in errors
 * @throws FormatError when a header's checksum is wrong or a member ends behind the archive
 */
export function readTar(bytes: Uint8Array, name: string): Map<string, Uint8Array> {
  const again = "delete the archive and get it again";
  const files = new Map<string, Uint8Array>();
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
    const type = header[156];
    const prefix = readText(header.subarray(345, 500));
    const path = readText(header.subarray(0, 100));
    if (type === 0 || type === 0x30)
      files.set(prefix === "" ? path : `${prefix}/${path}`, bytes.subarray(start, start + size));
    at = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}
