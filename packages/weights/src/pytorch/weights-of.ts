// The weights in a checkpoint: people save a state dict alone, or under some name beside an epoch and an optimizer.
import type { HostTensor, StoredTensor } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { refuse } from "../fault.ts";
import type { PyTorchFile } from "./read-pytorch.ts";

/** Which state dict to take of a file, and what to strip of its keys. */
export interface WeightsOptions {
  /** The keys that lead to it: "state_dict", "ema.model". Without it the usual ones are tried, then the whole file. */
  readonly entry?: string;
  /** What to take off the keys that begin with it: "module." of models that were trained in parallel. */
  readonly stripPrefix?: string;
}

/** Under these the scripts of the field save state dicts, in order of preference. */
const usualEntries = ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params"];

function under(file: PyTorchFile, entry: string): Map<string, StoredTensor> {
  const prefix = entry === "" ? "" : `${entry}.`;
  const found = [...file.tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

/** The entries that a reader may ask for, for an error. */
function entriesOf(file: PyTorchFile): string {
  const first = new Set([...file.tensors.keys()].map((name) => name.split(".")[0] ?? ""));
  return [...first].slice(0, 8).join(", ");
}

/**
 * The tensors of one state dict of `file`, by its own keys, in its order, as copies in dtypes of core: float64, float16 and bfloat16
 * become float32, integers int32; `storedAs` remembers.
 * @throws FormatError when there is no tensor under `entry`, two keys are the same without their prefix, or a number does not fit
 */
export function weightsOf(
  file: PyTorchFile,
  { entry, stripPrefix = "" }: WeightsOptions = {},
): Map<string, HostTensor> {
  const usual = file.value instanceof Map ? usualEntries.find((name) => holdsTensors(file, name)) : undefined;
  const found = under(file, entry ?? usual ?? "");
  if (found.size === 0)
    refuse(
      file.source,
      entry === undefined ? "there is no tensor in it" : `there is no tensor under ${JSON.stringify(entry)}`,
      file.tensors.size === 0 ? "pass a file with weights" : `pass entry: one of ${entriesOf(file)}`,
    );
  const decoded = new Map<StoredTensor, HostTensor>(); // tied weights are one tensor
  const stripped = new Map<string, HostTensor>();
  for (const [name, tensor] of found) {
    const key = name.startsWith(stripPrefix) ? name.slice(stripPrefix.length) : name;
    if (stripped.has(key))
      refuse(
        file.source,
        `two tensors are called ${JSON.stringify(key)} without ${stripPrefix}`,
        "leave stripPrefix out",
      );
    const host = decoded.get(tensor) ?? decodeStored(tensor, `${file.source}, tensor ${JSON.stringify(name)}`);
    decoded.set(tensor, host);
    stripped.set(key, host);
  }
  return stripped;
}

/** Whether the dict `name` of the file holds a tensor directly, as a state dict does. */
function holdsTensors(file: PyTorchFile, name: string): boolean {
  const inner: unknown = file.value instanceof Map ? file.value.get(name) : undefined;
  return inner instanceof Map && [...inner.keys()].some((key) => file.tensors.has(`${name}.${String(key)}`));
}
