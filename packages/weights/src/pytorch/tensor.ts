// A tensor of a PyTorch file: a view (offset, sizes, strides) of a storage, whose elements are taken out row-major.
import type { Shape, StoredTensor, StoredType } from "@stria/core";

/** Bytes of an element. */
export const elementBytes: Readonly<Record<StoredType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** Where the elements of a tensor lie: element numbers of the storage `key`. */
export interface Place {
  readonly key: string;
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A stored tensor whose bytes come when the storages are known. */
export class PyTorchTensor implements StoredTensor {
  readonly shape: Shape;
  readonly storedAs: StoredType;
  bytes: Uint8Array = new Uint8Array(0);
  readonly #place: Place;

  constructor(shape: Shape, storedAs: StoredType, place: Place) {
    this.shape = shape;
    this.storedAs = storedAs;
    this.#place = place;
  }

  /** Takes its elements from the storages' bytes. */
  fill(storages: ReadonlyMap<string, Uint8Array>, bigEndian: boolean): void {
    this.bytes = this.#gather(storages.get(this.#place.key) ?? new Uint8Array(0), bigEndian);
  }

  /** The bytes of the elements, row-major and little-endian: a view of the storage where they lie so already. */
  #gather(storage: Uint8Array, bigEndian: boolean): Uint8Array {
    const { offset, strides } = this.#place;
    const width = elementBytes[this.storedAs];
    const elements = this.shape.reduce((product, length) => product * length, 1);
    if (isContiguous(this.shape, strides) && (!bigEndian || width === 1))
      return storage.subarray(offset * width, (offset + elements) * width);
    const bytes = new Uint8Array(elements * width);
    const index = this.shape.map(() => 0);
    let from = offset;
    for (let to = 0; to < elements; to++) {
      for (let byte = 0; byte < width; byte++)
        bytes[to * width + byte] = storage[from * width + (bigEndian ? width - 1 - byte : byte)] ?? 0;
      for (let axis = index.length - 1; axis >= 0; axis--) {
        const [position = 0, length = 1, stride = 0] = [index[axis], this.shape[axis], strides[axis]];
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
