// What both containers of PyTorch hold: a pickle's value whose tensors still lack their data, and the storages' bytes.
import type { PyTorchTensor } from "./pytorch-tensor.ts";
import type { Item, PyTorchValue } from "./values.ts";

/** A file that is unpickled, with the tensors that its storages are still to fill. */
export interface Contents {
  readonly value: Item | PyTorchValue;
  readonly tensors: readonly PyTorchTensor[];
  readonly storages: ReadonlyMap<string, Uint8Array>;
  readonly bigEndian: boolean;
  readonly pickleBytes: number;
}
