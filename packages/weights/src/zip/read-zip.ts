// The directory of a zip archive (PKWARE APPNOTE 6.3). Nothing is unpacked here: an entry is a view of the file.
import type { Budget } from "../budget.ts";
import { damaged, refuse } from "../fault.ts";

const endSignature = 0x06054b50;
const endLength = 22;
const longestComment = 0xffff;
const locatorSignature = 0x07064b50; // of the end record with 64-bit numbers
const locatorLength = 20;
const end64Signature = 0x06064b50;
const end64Length = 56;
const centralSignature = 0x02014b50;
const centralLength = 46;
const localSignature = 0x04034b50;
const localLength = 30;
const field64 = 0x0001;
const stored = 0;
const deflated = 8;
const in64 = 0xffffffff; // stands for: the number is in the 64-bit field

interface Directory {
  readonly begin: number;
  readonly end: number;
}

/** An entry of an archive, as it lies there. */
export interface ZipEntry {
  /** A view of the archive. */
  readonly packed: Uint8Array;
  /** Whether `packed` is a deflate stream (RFC 1951); else it is the contents. */
  readonly deflated: boolean;
  /** Bytes of the contents, as the directory states them, and their CRC-32. */
  readonly length: number;
  readonly crc: number;
}

/** The entries of `bytes` by name. @throws FormatError for an archive that is cut, damaged, encrypted or compressed otherwise than deflated */
export function readZip(bytes: Uint8Array, budget: Budget): Map<string, ZipEntry> {
  const { source } = budget;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (fault: string, remedy: string = damaged): never => refuse(source, `the zip archive ${fault}`, remedy);

  function holds(at: number, length: number, signature: number): boolean {
    return at >= 0 && at + length <= bytes.length && view.getUint32(at, true) === signature;
  }

  function findEnd(): number {
    const first = Math.max(0, bytes.length - endLength - longestComment);
    for (let at = bytes.length - endLength; at >= first; at--)
      if (holds(at, endLength, endSignature) && at + endLength + view.getUint16(at + 20, true) === bytes.length)
        return at;
    return fail("has no directory: its end is missing");
  }

  function findDirectory(): Directory {
    const end = findEnd();
    let length = view.getUint32(end + 12, true);
    let begin = view.getUint32(end + 16, true);
    const locator = end - locatorLength;
    if (holds(locator, locatorLength, locatorSignature)) {
      const at = Number(view.getBigUint64(locator + 8, true));
      if (!holds(at, end64Length, end64Signature)) fail("has a 64-bit directory that is not where it should be");
      length = Number(view.getBigUint64(at + 40, true));
      begin = Number(view.getBigUint64(at + 48, true));
    }
    if (begin + length > end) fail(`has its directory at [${begin}, ${begin + length}] of ${bytes.length} bytes`);
    return { begin, end: begin + length };
  }

  /** Those of the numbers that are too large for 32 bits, from the field for them: in order, only the ones that are. */
  function widen(numbers: readonly number[], at: number, end: number): number[] {
    if (!numbers.includes(in64)) return [...numbers];
    for (let field = at; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
      if (view.getUint16(field, true) !== field64) continue;
      let next = field + 4;
      return numbers.map((number) => {
        if (number !== in64) return number;
        if (next + 8 > end) return fail("has a 64-bit number that is cut");
        next += 8;
        return Number(view.getBigUint64(next - 8, true));
      });
    }
    return [...numbers];
  }

  const decoder = new TextDecoder();
  const directory = findDirectory();
  const entries = new Map<string, ZipEntry>();
  let at = directory.begin;
  while (at < directory.end) {
    if (!holds(at, centralLength, centralSignature)) fail("has a directory that is cut or damaged");
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const nameEnd = at + centralLength + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > directory.end) fail("has a directory that is cut or damaged");
    const name = decoder.decode(bytes.subarray(at + centralLength, nameEnd));
    budget.spend(200 + 2 * name.length, "the directory of the archive");
    const entry = `has an entry ${JSON.stringify(name)} that`;
    if (flags & 1) fail(`${entry} is encrypted`, "decrypt it first");
    if (method !== stored && method !== deflated)
      fail(`${entry} is compressed (method ${method})`, "pack it again with zip -0");
    const numbers = [view.getUint32(at + 20, true), view.getUint32(at + 24, true), view.getUint32(at + 42, true)];
    const [length = 0, unpacked = 0, local = 0] = widen(numbers, nameEnd, extraEnd);
    if (method === stored && length !== unpacked)
      fail(`${entry} is stored in ${length} bytes and should have ${unpacked}`);
    if (!holds(local, localLength, localSignature)) fail(`${entry} is not where the directory says`);
    const begin = local + localLength + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (begin + length > directory.begin)
      fail(`${entry} lies at [${begin}, ${begin + length}] of ${directory.begin} bytes`);
    if (entries.has(name)) fail(`${entry} is there twice`);
    entries.set(name, {
      packed: bytes.subarray(begin, begin + length),
      deflated: method === deflated,
      length: unpacked,
      crc: view.getUint32(at + 16, true),
    });
    at = next;
  }
  return entries;
}

/** The entries of an archive of which none may be compressed: `torch.save` writes those. Each is a view of `bytes`. @throws FormatError as {@link readZip} */
export function readStoredZip(bytes: Uint8Array, budget: Budget): Map<string, Uint8Array> {
  const contents = new Map<string, Uint8Array>();
  for (const [name, entry] of readZip(bytes, budget)) {
    if (entry.deflated)
      refuse(
        budget.source,
        `the zip archive has an entry ${JSON.stringify(name)} that is compressed (method ${deflated}); torch.save never does that`,
        "pack it again with zip -0",
      );
    contents.set(name, entry.packed);
  }
  return contents;
}
