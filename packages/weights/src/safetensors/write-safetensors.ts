// A state dict as a safetensors file, in the types that the user chooses.
import { type HostTensor, isTensor, type StoredType, type Tensor } from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";

export interface WriteSafetensorsOptions {
  /**
   * What floats are stored as: half the bytes in "F16" or "BF16". Or a function of a tensor's name, which gives undefined where it stays what it is.
   * Default: what they are, or what they were stored as in the file they came from.
   */
  readonly storeAs?: StoredType | ((name: string) => StoredType | undefined);
  /** Texts that the file carries. Some libraries want `new Map([["format", "pt"]])`. */
  readonly metadata?: ReadonlyMap<string, string>;
}

async function onHost(value: Tensor | HostTensor): Promise<HostTensor> {
  return isTensor(value) ? { shape: value.shape, dtype: value.dtype, data: await value.data() } : value;
}

/**
 * The bytes of a safetensors file with these tensors, in their order: those of `stateDict(model)`, or host tensors.
 * @throws FormatError when a number does not fit the type that it is to be stored as, or a name is refused
 * @example await writeFile("model.safetensors", await writeSafetensors(stateDict(model), { storeAs: "F16" }));
 */
export async function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor | HostTensor>,
  { storeAs, metadata }: WriteSafetensorsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const choose = typeof storeAs === "function" ? storeAs : (): StoredType | undefined => storeAs;
  const stored = new Map<string, HostTensor>();
  for (const [name, value] of tensors) {
    const tensor = await onHost(value);
    const type = tensor.dtype === "float32" || tensor.dtype === "float16" ? choose(name) : undefined;
    stored.set(name, type === undefined ? tensor : { ...tensor, storedAs: type });
  }
  return encodeSafetensors(stored, metadata);
}
