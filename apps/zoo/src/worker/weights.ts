// Weights out of a file, by the model's keys.
import type { HostTensor } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { readPyTorch, weightsOf } from "@stria/weights";
import { Refusal } from "./refusal.ts";

type Values = ReadonlyMap<string, HostTensor>;

/** A safetensors file begins with the length of a header in JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes.length > 8 && bytes[8] === 0x7b && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0;
}

/** Formats that are recognised to be told apart from what is broken. */
const others: readonly (readonly [signature: readonly number[], name: string])[] = [
  [[0x89, 0x48, 0x44, 0x46], "a Keras or other HDF5 file"],
  [[0x89, 0x50, 0x4e, 0x47], "a PNG image"],
  [[0xff, 0xd8, 0xff], "a JPEG image"],
  [[0x1f, 0x8b], "a file compressed by gzip"],
  [[0x7b], "JSON"],
];

/** Nets that were trained on several devices have a prefix before all keys. */
function withoutPrefix(values: Values): Values {
  const prefix = "module.";
  const isParallel = [...values.keys()].every((key) => key.startsWith(prefix));
  return isParallel ? new Map([...values].map(([key, value]) => [key.slice(prefix.length), value])) : values;
}

/** @throws FormatError that says what is wrong with the file; Refusal where it is of another kind. */
export function readWeights(
  bytes: Uint8Array,
  name: string,
  rename: readonly (readonly [pattern: string, replacement: string])[] = [],
): Values {
  const other = others.find(([signature]) => signature.every((byte, index) => bytes[index] === byte));
  if (other !== undefined)
    throw new Refusal(
      `${name} is ${other[1]}, from which this page reads no weights. Give a PyTorch file (.pth, .pt, .th) or safetensors.`,
    );
  const read = isSafetensors(bytes) ? decodeSafetensors(bytes, name).tensors : weightsOf(readPyTorch(bytes, name));
  const renamed = (key: string): string =>
    rename.reduce((text, [pattern, replacement]) => text.replace(new RegExp(pattern, "u"), replacement), key);
  return new Map([...withoutPrefix(read)].map(([key, value]) => [renamed(key), value]));
}
