// A model as a safetensors file that also says which list of layers it belongs to.
import { decodeSafetensors } from "@stria/core/safetensors";
import { saveModel } from "@stria/training";

const listKey = "stria.playground.list";

/** The file of a model: any reader of safetensors reads its tensors, by state-dict path. */
export function modelFile(model: object, list: string): Promise<Uint8Array<ArrayBuffer>> {
  return saveModel(model, { metadata: new Map([[listKey, list]]) });
}

/** The list of the net that a file was saved from; undefined where it does not say. @throws FormatError for no safetensors file. */
export function listOf(bytes: Uint8Array, name: string): string | undefined {
  return decodeSafetensors(bytes, name).metadata.get(listKey);
}
