// Weights out of a file of any kind that is known, their keys being the model's where it was published for it.
import { type WeightsFile, readWeights } from "@stria/weights";
import type { KnownWeights } from "@stria/zoo";
import { Refusal } from "./refusal.ts";

/** Weights and how their keys become the model's. */
export interface Source {
  readonly file: WeightsFile;
  readonly rename: NonNullable<KnownWeights["rename"]>;
}

/** Files of other kinds that are given by mistake. */
const others: readonly (readonly [signature: readonly number[], name: string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], "a PNG image"],
  [[0xff, 0xd8, 0xff], "a JPEG image"],
  [[0x1f, 0x8b], "compressed by gzip"],
];

/** Nets that were trained on several devices have a prefix before all keys. */
const parallel = "module.";

/** @throws FormatError that says what is wrong with the file; Refusal where it is of another kind. */
export async function readSource(bytes: Uint8Array, name: string, known: KnownWeights | undefined): Promise<Source> {
  const other = others.find(([signature]) => signature.every((byte, index) => bytes[index] === byte));
  if (other !== undefined)
    throw new Refusal(`${name} is ${other[1]}, no file of weights: give PyTorch's, safetensors, Keras' or NumPy's.`);
  const file = await readWeights({ name, bytes });
  const isParallel = file.tensors.size > 0 && [...file.tensors.keys()].every((key) => key.startsWith(parallel));
  return { file, rename: known?.rename ?? (isParallel ? [["^module\\.", ""]] : []) };
}
