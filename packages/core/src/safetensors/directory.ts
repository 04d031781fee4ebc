// The directory of a safetensors file, checked whole before any tensor is looked at; the tensors' bytes need not be there.
import { type Shape, showShape, sizeOf } from "../tensor/aval.ts";
import { FormatError } from "../errors.ts";
import { type HeaderEntry, parseHeader } from "./header.ts";
import { isStoredType, storages, type StoredType } from "./storage.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Where a tensor lies in a file, in bytes from its beginning. */
export interface TensorPlace {
  readonly shape: Shape;
  readonly storedAs: StoredType;
  readonly begin: number;
  readonly end: number;
}

/** What a file says of its tensors. */
export interface SafetensorsDirectory {
  readonly places: Map<string, TensorPlace>;
  readonly metadata: Map<string, string>;
}

/** Bytes of the header's length, with which a file begins. */
export const lengthBytes = 8;
const largestHeader = 100_000_000; // the limit of the reference implementation
const damaged = "the file is damaged or is no safetensors file; get it again";
const refusedNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** @throws FormatError for a name that means something to the format or to JavaScript */
export function checkName(name: string, source: string): void {
  if (name === "__metadata__" || name.split(".").some((part) => refusedNames.has(part)))
    throw new FormatError(source, `a tensor may not be called ${JSON.stringify(name)}`, "rename it");
}

function locate(name: string, entry: HeaderEntry, dataBegin: number, length: number, source: string): TensorPlace {
  const { dtype, shape, begin, end } = entry;
  const tensor = `tensor ${JSON.stringify(name)}`;
  checkName(name, source);
  if (!isStoredType(dtype))
    throw new FormatError(
      source,
      `${tensor} has the element type ${JSON.stringify(dtype)}, which is not read`,
      `store it as one of ${Object.keys(storages).join(", ")}`,
    );
  if (begin > end || end > length)
    throw new FormatError(source, `${tensor} lies at [${begin}, ${end}] of ${length} bytes`, damaged);
  const bytes = sizeOf(shape) * storages[dtype].bytes;
  if (bytes !== end - begin)
    throw new FormatError(
      source,
      `${tensor}, ${dtype}${showShape(shape)}, lies in ${end - begin} bytes instead of ${bytes}`,
      damaged,
    );
  return { shape, storedAs: dtype, begin: dataBegin + begin, end: dataBegin + end };
}

function checkCovering(entries: ReadonlyMap<string, HeaderEntry>, length: number, source: string): void {
  let covered = 0;
  for (const [name, { begin, end }] of [...entries].toSorted(([, a], [, b]) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered)
      throw new FormatError(
        source,
        `tensor ${JSON.stringify(name)} begins at byte ${begin}, ${begin < covered ? "inside the one before it, which ends" : "behind a hole that begins"} at ${covered}`,
        damaged,
      );
    covered = end;
  }
  if (covered !== length)
    throw new FormatError(source, `${length - covered} bytes behind the last tensor belong to none`, damaged);
}

/**
 * Where the tensors of a file begin: how much of it {@link parseDirectory} needs.
 * @param first its first 8 bytes, or more
 * @param fileLength its bytes
 * @param source what to call the file in errors
 * @throws FormatError when the header would be longer than the file
 */
export function directoryEnd(first: Uint8Array, fileLength: number, source: string = "safetensors"): number {
  if (first.length < lengthBytes || fileLength < lengthBytes)
    throw new FormatError(source, `${fileLength} bytes are too few for a safetensors file`, damaged);
  const stated = new DataView(first.buffer, first.byteOffset, lengthBytes).getBigUint64(0, true);
  if (stated > BigInt(Math.min(largestHeader, fileLength - lengthBytes)))
    throw new FormatError(source, `the header's length is ${stated} bytes, in a file of ${fileLength}`, damaged);
  return lengthBytes + Number(stated);
}

/**
 * Reads the directory of a file of which only the beginning is there, and checks it whole.
 * @param beginning the first {@link directoryEnd} bytes, or more
 * @param fileLength the file's bytes
 * @param source what to call the file in errors
 * @throws FormatError for a bad header, wrong sizes, overlaps, holes, duplicate or refused names
 */
export function parseDirectory(
  beginning: Uint8Array,
  fileLength: number,
  source: string = "safetensors",
): SafetensorsDirectory {
  const dataBegin = directoryEnd(beginning, fileLength, source);
  let text: string;
  try {
    text = decodeUtf8(beginning.subarray(lengthBytes, dataBegin));
  } catch (cause) {
    throw new FormatError(source, "the header is not UTF-8", damaged, { cause });
  }
  const { entries, metadata } = parseHeader(text, source);
  const length = fileLength - dataBegin;
  const places = new Map<string, TensorPlace>();
  for (const [name, entry] of entries) places.set(name, locate(name, entry, dataBegin, length, source));
  checkCovering(entries, length, source);
  return { places, metadata };
}
