// Which reader a file is for, by what is in it; its name says nothing.
import { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { readZip } from "../zip/read-zip.ts";

/** A kind of file that is read. */
export type WeightsFormat = "pytorch" | "safetensors" | "npy" | "npz" | "keras" | "tfjs";

const signatures: readonly { readonly format: WeightsFormat; readonly bytes: readonly number[] }[] = [
  { format: "npy", bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] },
  { format: "keras", bytes: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] },
  { format: "pytorch", bytes: [0x80] },
];

const ofZips: readonly { readonly format: WeightsFormat; readonly entry: RegExp }[] = [
  { format: "pytorch", entry: /(^|\/)data\.pkl$/ },
  { format: "keras", entry: /^model\.weights\.h5$|^config\.json$/ },
  { format: "npz", entry: /\.npy$/ },
];

const kinds = "pass a file of PyTorch, Keras, NumPy or TensorFlow.js, or a safetensors file";

/** @throws FormatError for a file of another kind */
export function formatOf(bytes: Uint8Array, source: string): WeightsFormat {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) {
    const names = [...readZip(bytes, new Budget(source, bytes.length)).keys()];
    const found = ofZips.find(({ entry }) => names.some((name) => entry.test(name)));
    return (
      found?.format ??
      refuse(
        source,
        `this is an archive of something else than weights: ${names.slice(0, 4).join(", ") || "empty"}`,
        kinds,
      )
    );
  }
  const known = signatures.find((signature) => signature.bytes.every((byte, index) => bytes[index] === byte));
  // Small lengths of a safetensors header begin with any byte, but then there are zeros.
  const statesLength = bytes.length >= 8 && bytes[6] === 0 && bytes[7] === 0;
  if (known !== undefined && !(statesLength && bytes[0] === 0x80)) return known.format;
  if (statesLength) return "safetensors";
  const beginning = new TextDecoder().decode(bytes.subarray(0, 4096));
  if (/^\s*\{/.test(beginning)) return /"weight_map"/.test(new TextDecoder().decode(bytes)) ? "safetensors" : "tfjs";
  return refuse(source, "this is no file of weights that is known", kinds);
}
