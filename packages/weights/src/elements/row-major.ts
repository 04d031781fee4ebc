// Elements that lie in any order in a file, as row-major and little-endian bytes.
import { type Shape, type StoredType, sizeOf } from "@stria/core";
import { elementBytes } from "./element-bytes.ts";

/** Where elements lie: element numbers from `offset` on, with a stride an axis. The caller has checked that none lies outside. */
export interface Strided {
  readonly shape: Shape;
  readonly storedAs: StoredType;
  readonly offset: number;
  readonly strides: readonly number[];
  readonly bigEndian: boolean;
}

function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return true;
}

/** The bytes of the elements, row-major and little-endian: a view of `storage` where they lie so already. */
export function rowMajor(storage: Uint8Array, { shape, storedAs, offset, strides, bigEndian }: Strided): Uint8Array {
  const width = elementBytes[storedAs];
  const elements = sizeOf(shape);
  if (isContiguous(shape, strides) && (!bigEndian || width === 1))
    return storage.subarray(offset * width, (offset + elements) * width);
  const bytes = new Uint8Array(elements * width);
  const index = shape.map(() => 0);
  let from = offset;
  for (let to = 0; to < elements; to++) {
    for (let byte = 0; byte < width; byte++)
      bytes[to * width + byte] = storage[from * width + (bigEndian ? width - 1 - byte : byte)] ?? 0;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const [position = 0, length = 1, stride = 0] = [index[axis], shape[axis], strides[axis]];
      if (position + 1 < length) {
        index[axis] = position + 1;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= position * stride;
    }
  }
  return bytes;
}
