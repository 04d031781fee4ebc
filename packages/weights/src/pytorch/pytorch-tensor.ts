// A tensor of a PyTorch file: a view (offset, sizes, strides) of a storage, whose elements are taken out row-major.
import type { Shape, StoredTensor, StoredType } from "@stria/core";
import { rowMajor } from "../elements/row-major.ts";

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
    const storage = storages.get(this.#place.key) ?? new Uint8Array(0);
    this.bytes = rowMajor(storage, { ...this.#place, shape: this.shape, storedAs: this.storedAs, bigEndian });
  }
}
