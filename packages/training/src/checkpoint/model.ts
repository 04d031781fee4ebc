// A model's parameters and state as the bytes of a safetensors file, and back.
import { FormatError, type HostTensor, namedCells } from "@stria/core";
import { decodeSafetensors, encodeSafetensors } from "@stria/core/safetensors";
import { type LoadOptions, type LoadReport, loadStateDict } from "@stria/layers";
import { hostValues } from "./host.ts";
import { checkSeal, seal, sealEntry } from "./seal.ts";

/** Names of an optimizer's state in a checkpoint begin so. */
export const optimizerPrefix = "optimizer.";

/** Names of what a run of fit holds besides begin so. */
export const runPrefix = "run:";

/** The key of the metadata that says what a file of ours is. */
export const kindKey = "stria";

export interface SaveOptions {
  /** Text of your own that the file carries, such as the options that the model was built with: `decodeSafetensors(bytes).metadata`. */
  readonly metadata?: ReadonlyMap<string, string>;
}

/**
 * The parameters and states of a model as a safetensors file: keys are state-dict paths. For browsers and for your own storage.
 * @throws FormatError where `metadata` is no Map, or has a key that Stria writes.
 */
export async function saveModel(model: object, { metadata }: SaveOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const list: unknown = metadata;
  if (list !== undefined && !(list instanceof Map))
    throw new FormatError("saveModel", "the metadata are no Map", 'pass new Map([["name", "text"]])');
  const own = new Map([sealEntry, [kindKey, "model"]]);
  for (const key of metadata?.keys() ?? [])
    if (own.has(key))
      throw new FormatError("saveModel", `the metadata have the key "${key}"`, "it is taken; use another");
  return seal(encodeSafetensors(await hostValues(namedCells(model)), new Map([...own, ...(metadata ?? [])])));
}

/** Whether a tensor of a checkpoint belongs to the model, not to the optimizer or the run. */
export function isOfModel(name: string): boolean {
  return !name.startsWith(optimizerPrefix) && !name.startsWith(runPrefix);
}

/** The tensors of a file that belong to the model. */
function modelTensors(bytes: Uint8Array, source: string): Map<string, HostTensor> {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  checkSeal(bytes, source, metadata.has(kindKey));
  if (metadata.get(kindKey) !== "checkpoint") return tensors;
  return new Map([...tensors].filter(([name]) => isOfModel(name)));
}

/**
 * Sets a model from the bytes of a safetensors file, a checkpoint of ours included. Everything is checked before anything changes.
 * @throws FormatError for a damaged file, and one that lists missing, unexpected and mis-shaped keys.
 */
export function loadModel(model: object, bytes: Uint8Array, options: LoadOptions = {}): LoadReport {
  return loadStateDict(model, modelTensors(bytes, "model file"), options);
}
