// @stria/core/safetensors: the codec (huggingface/safetensors). An entry of its own, for programs that read or write such files.
// Layout: 8 bytes with the header's length, a JSON header, then the tensors without gaps.
// A reader of files from anywhere: every number is checked before it is used, and nothing is allocated that the file does not fill.
import { type Shape, showShape, sizeOf } from "../tensor/aval.ts";
import { allocate, type DType, fromNumbers, holds, toNumbers, type TypedArray } from "../tensor/dtype.ts";
import { FormatError } from "../errors.ts";
import { decodeInto } from "./decode.ts";
import { checkName, lengthBytes, parseDirectory } from "./directory.ts";
import { storable, storages, type StoredType, usualStorage } from "./storage.ts";
import { encodeUtf8 } from "./utf8.ts";

export { directoryEnd, parseDirectory, type SafetensorsDirectory, type TensorPlace } from "./directory.ts";
export type { StoredType } from "./storage.ts";

/**
 * A tensor on the host: `data` is row-major. `storedAs` is its type in the file: int64 is int32 in memory, F16 is float32.
 * A float16 tensor is written as F16, from its bits or from numbers.
 */
export interface HostTensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly storedAs?: StoredType;
}

/** A tensor of a file, not yet converted: `bytes` is a view of the file. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly storedAs: StoredType;
  readonly bytes: Uint8Array;
}

export interface SafetensorsFile<Tensor> {
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Map<string, string>;
}

const alignment = 8;

/**
 * Reads the directory of a safetensors file and checks it whole; the tensors stay as they are stored, for {@link decodeStored}.
 * @param source what to call the file in errors
 * @throws FormatError for anything but a well-formed file: bad header, wrong sizes, overlaps, holes, duplicate or refused names
 */
export function parseSafetensors(bytes: Uint8Array, source: string = "safetensors"): SafetensorsFile<StoredTensor> {
  const given: unknown = bytes; // what JavaScript may pass
  if (!(given instanceof Uint8Array))
    throw new FormatError(
      source,
      "what was given is no Uint8Array",
      "pass the file's bytes: new Uint8Array(arrayBuffer)",
    );
  const { places, metadata } = parseDirectory(bytes, bytes.length, source);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, storedAs, begin, end }] of places)
    tensors.set(name, { shape, storedAs, bytes: bytes.subarray(begin, end) });
  return { tensors, metadata };
}

/**
 * Converts one stored tensor to a dtype of core: floats to float32 (rounded once), integers to int32, U8 to uint8, BOOL to bool.
 * @throws FormatError when there are more or fewer bytes than the shape wants, an integer does not fit int32, a finite float64 does not fit float32, or a bool is neither 0 nor 1
 */
export function decodeStored(stored: StoredTensor, source: string = "safetensors"): HostTensor {
  const { shape, storedAs, bytes } = stored;
  const storage = storages[storedAs];
  const length = sizeOf(shape) * storage.bytes;
  if (bytes.length !== length)
    throw new FormatError(
      source,
      `${bytes.length} bytes are not the ${length} of ${storedAs}${showShape(shape)}`,
      "pass the bytes that the directory names",
    );
  const data = allocate(storage.dtype, sizeOf(shape));
  const wrong = decodeInto(data, bytes, storedAs);
  if (wrong !== undefined)
    throw new FormatError(
      source,
      `element ${wrong.index}, ${wrong.value} stored as ${storedAs}, does not fit ${storage.dtype}`,
      "store values that do, or leave this tensor out",
    );
  return { shape, dtype: storage.dtype, data, storedAs };
}

/**
 * Reads a safetensors file: every tensor, as copies that do not share memory with `bytes`, in the header's order.
 * @param source what to call the file in errors
 * @throws FormatError as {@link parseSafetensors} and {@link decodeStored} do
 */
export function decodeSafetensors(bytes: Uint8Array, source: string = "safetensors"): SafetensorsFile<HostTensor> {
  const { tensors, metadata } = parseSafetensors(bytes, source);
  const decoded = new Map<string, HostTensor>();
  for (const [name, stored] of tensors)
    decoded.set(name, decodeStored(stored, `${source}, tensor ${JSON.stringify(name)}`));
  return { tensors: decoded, metadata };
}

interface Planned {
  readonly storedAs: StoredType;
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, { shape, dtype, data, storedAs = usualStorage[dtype] }: HostTensor): StoredType {
  const source = `safetensors, tensor ${JSON.stringify(name)}`;
  checkName(name, source);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0))
    throw new FormatError(source, `${showShape(shape)} is not a shape`, "pass whole numbers");
  if (!holds(fromNumbers(dtype, data), dtype) || data.length !== sizeOf(shape))
    throw new FormatError(
      source,
      `${data.length} elements in ${data.constructor.name} are not ${dtype}${showShape(shape)}`,
      "pass data that fits its dtype and shape",
    );
  if (!storable(dtype, storedAs))
    throw new FormatError(source, `${dtype} cannot be stored as ${storedAs}`, `store it as ${usualStorage[dtype]}`);
  return storedAs;
}

/**
 * Writes a safetensors file. The header keeps the order of `entries`; the data are ordered by element size, so that each is aligned.
 * The same entries give the same bytes.
 * @throws FormatError when data do not fit their shape or dtype, a value does not fit `storedAs`, or a name is refused
 */
export function encodeSafetensors(
  entries: ReadonlyMap<string, HostTensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const stored = [...entries].map(([name, entry]) => ({ name, entry, storedAs: checkEntry(name, entry) }));
  const planned = new Map<string, Planned>();
  let length = 0;
  for (const { name, entry, storedAs } of stored.toSorted(
    (a, b) => storages[b.storedAs].bytes - storages[a.storedAs].bytes,
  )) {
    const begin = length;
    length += entry.data.length * storages[storedAs].bytes;
    planned.set(name, { storedAs, dtype: entry.dtype, data: fromNumbers(entry.dtype, entry.data), begin, end: length });
  }
  const parts =
    metadata.size === 0
      ? []
      : [
          `"__metadata__":{${[...metadata].map((pair) => pair.map((text) => JSON.stringify(text)).join(":")).join(",")}}`,
        ];
  for (const { name, entry, storedAs } of stored) {
    const { begin, end } = planned.get(name) ?? { begin: 0, end: 0 };
    parts.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype: storedAs, shape: entry.shape, data_offsets: [begin, end] })}`,
    );
  }
  const header = encodeUtf8(`{${parts.join(",")}}`);
  const headerLength = Math.ceil(header.length / alignment) * alignment;
  const bytes = new Uint8Array(lengthBytes + headerLength + length);
  bytes.fill(0x20, lengthBytes, lengthBytes + headerLength);
  bytes.set(header, lengthBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(headerLength), true);
  for (const [name, { storedAs, dtype, data, begin }] of planned) {
    const storage = storages[storedAs];
    let position = lengthBytes + headerLength + begin;
    for (const value of toNumbers(dtype, data)) {
      if (!storage.takes(value))
        throw new FormatError(
          `safetensors, tensor ${JSON.stringify(name)}`,
          `the value ${value} does not fit ${storedAs}`,
          "store it in a larger type",
        );
      storage.write?.(view, position, value);
      position += storage.bytes;
    }
  }
  return bytes;
}
