// Files of torch.save (.pth, .pt, .th, .tar, .bin), of any age, without running anything that they say.
import type { StoredTensor } from "@stria/core";
import { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { readLegacyContainer } from "./legacy-container.ts";
import { nameTensors } from "./structure.ts";
import type { PyTorchValue } from "./values.ts";
import { readZipContainer } from "./zip-container.ts";

/** A file that torch.save has written. */
export interface PyTorchFile {
  /** All of it, nested as it was saved. */
  readonly value: PyTorchValue;
  /** All tensors in the file's order, by the keys and indices that lead to them: "model.conv1.weight"; one alone is "tensor". */
  readonly tensors: Map<string, StoredTensor>;
  /** What the file is called in errors. */
  readonly source: string;
}

const containers = [
  { name: "zip", magic: [0x50, 0x4b], read: readZipContainer },
  { name: "legacy", magic: [0x80], read: readLegacyContainer },
] as const;

/**
 * Reads a checkpoint whole: tensors, dicts, lists, tuples, texts, numbers, bytes and None. The tensors stay in the type they were saved
 * in, row-major and little-endian, for {@link weightsOf} or `decodeStored` of `@stria/core/safetensors`; where they lie so in the file,
 * their bytes are a view of it. What is allocated is bounded by 32 MiB and eight times the file's size.
 * @param source what to call the file in errors
 * @throws FormatError for a file that is damaged or of another kind, for a pickle that asks for anything but those values, and for
 * structures that contain themselves
 */
export function readPyTorch(bytes: Uint8Array, source: string = "PyTorch file"): PyTorchFile {
  const given: unknown = bytes; // what JavaScript may pass
  if (!(given instanceof Uint8Array))
    refuse(source, "what was given is no Uint8Array", "pass the file's bytes: new Uint8Array(arrayBuffer)");
  const container = containers.find(({ magic }) => magic.every((byte, index) => bytes[index] === byte));
  if (container === undefined)
    return refuse(
      source,
      "this is no file of torch.save",
      "pass a .pth, .pt or .th file; others have readers of their own",
    );
  const budget = new Budget(source, bytes.length);
  const { value, tensors, storages, bigEndian, pickleBytes } = container.read(bytes, budget);
  const named = new Map<string, StoredTensor>();
  nameTensors(value, named, pickleBytes, budget);
  for (const tensor of tensors) tensor.fill(storages, bigEndian);
  return { value, tensors: named, source };
}
