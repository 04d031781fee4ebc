// IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist): two zero bytes, a type, a rank, the axes, then the elements, all big-endian.
import { FormatError } from "@stria/core";

export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

export interface IdxFile {
  readonly shape: readonly number[];
  /** Row-major elements, a copy. */
  readonly data: IdxArray;
}

interface ElementType {
  readonly bytes: number;
  readonly read: (view: DataView, count: number) => IdxArray;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map([
  [0x08, { bytes: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count).slice() }],
  [0x09, { bytes: 1, read: (view, count) => Int8Array.from({ length: count }, (_, i) => view.getInt8(i)) }],
  [0x0b, { bytes: 2, read: (view, count) => Int16Array.from({ length: count }, (_, i) => view.getInt16(2 * i)) }],
  [0x0c, { bytes: 4, read: (view, count) => Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * i)) }],
  [0x0d, { bytes: 4, read: (view, count) => Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i)) }],
  [0x0e, { bytes: 8, read: (view, count) => Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i)) }],
]);

/**
 * Reads an IDX file (not compressed; see `gunzip`).
 * @param name what to call the file in errors
 * @throws FormatError when it is no IDX file, or is shorter or longer than its header says
 */
export function readIdx(bytes: Uint8Array, name: string): IdxFile {
  const again = "the file is damaged, or another one under its name; delete it and get it again";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw new FormatError(name, `${bytes.length} bytes are too few for an IDX file`, again);
  const type = elementTypes.get(view.getUint8(2));
  if (view.getUint16(0) !== 0 || type === undefined)
    throw new FormatError(
      name,
      `it begins with 0x${view.getUint32(0).toString(16).padStart(8, "0")}, which is not the magic number of an IDX file`,
      again,
    );
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (bytes.length < start)
    throw new FormatError(name, `it ends within its header, after ${bytes.length} bytes`, again);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, length) => product * length, 1);
  const expected = start + count * type.bytes;
  if (bytes.length !== expected)
    throw new FormatError(
      name,
      `it has ${bytes.length} bytes, but its header [${shape.join(", ")}] needs ${expected}`,
      again,
    );
  return { shape, data: type.read(new DataView(bytes.buffer, bytes.byteOffset + start), count) };
}
