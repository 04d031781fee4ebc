// A file of weights of any kind. Its reader is loaded when the file is known to be for it.
import type { HostTensor, StoredTensor } from "@stria/core";
import { refuse } from "../fault.ts";
import type * as Keras from "../keras/read-keras.ts";
import { bytesSource, type ByteSource, readAll } from "../source/byte-source.ts";
import { type FileInput, type OpenOptions, openSource } from "../source/open-source.ts";
import { formatOf, type WeightsFormat } from "./detect.ts";

/** A file's tensors by name. */
export interface WeightsFile {
  readonly format: WeightsFormat;
  /** What the file is called in errors. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, StoredTensor | HostTensor>;
}

export interface ReadWeightsOptions extends OpenOptions {
  /** In a checkpoint of PyTorch: the keys that lead to the state dict, as for `weightsOf`. */
  readonly entry?: string;
  /** Of Keras' and TensorFlow.js' models: whether the config is left aside: layers may be of any class, names and layouts stay as they are. Default false. */
  readonly weightsOnly?: boolean;
}

type Tensors = ReadonlyMap<string, StoredTensor | HostTensor>;

/** Keras' files need a library that not everybody has installed. */
async function kerasReader(source: string): Promise<typeof Keras> {
  try {
    return await import("../keras/read-keras.ts");
  } catch (cause) {
    return refuse(
      source,
      `Keras' reader cannot be loaded (${cause instanceof Error ? cause.message : String(cause)})`,
      "install what it needs: npm install jsfive@0.4.2",
    );
  }
}

const readers: Readonly<
  Record<WeightsFormat, (bytes: Uint8Array, file: ByteSource, options: ReadWeightsOptions) => Promise<Tensors>>
> = {
  pytorch: async (bytes, { name }, { entry }) => {
    const { readPyTorch } = await import("../pytorch/read-pytorch.ts");
    const { weightsOf } = await import("../pytorch/weights-of.ts");
    return weightsOf(readPyTorch(bytes, name), entry === undefined ? {} : { entry });
  },
  safetensors: async (bytes, file) => {
    const { safetensorsOf } = await import("../safetensors/open-safetensors.ts");
    const opened = await safetensorsOf({ ...file, ...inMemory(bytes, file) });
    try {
      return await opened.read();
    } finally {
      await opened.close();
    }
  },
  npy: async (bytes, { name }) => {
    const { readNpy } = await import("../numpy/read-npy.ts");
    return new Map([["tensor", readNpy(bytes, name)]]);
  },
  npz: async (bytes, { name }) => {
    const { readNpz } = await import("../numpy/read-npz.ts");
    return readNpz(bytes, name);
  },
  keras: async (bytes, { name }, options) => inLayouts((await kerasReader(name)).readKeras(bytes, name, options)),
  tfjs: async (bytes, file, options) => {
    const { tfjsOf } = await import("../tfjs/read-tfjs.ts");
    return inLayouts(await tfjsOf({ ...file, ...inMemory(bytes, file) }, options));
  },
};

/** Stria's names and layouts, where the layers are known. */
async function inLayouts(file: Keras.KerasFile): Promise<Tensors> {
  if (file.topology === undefined) return file.tensors;
  const { kerasWeights } = await import("../keras/model/weights.ts");
  return kerasWeights(file);
}

/** How a file is read that has been read already. */
function inMemory(bytes: Uint8Array, { name }: ByteSource): Pick<ByteSource, "read" | "length"> {
  const { read, length } = bytesSource(bytes, name);
  return { read, length };
}

/**
 * Reads a file of weights of any kind that is known, by what is in it: PyTorch's (`weightsOf` says which of its tensors), safetensors and the index of one in
 * shards, `.npy` (its array is called "tensor") and `.npz`, Keras' and TensorFlow.js' (by `kerasWeights` under Stria's names and in its layouts where the file describes its layers, else as they are). The file may be bytes, a `File`, an address, in Node
 * a path, or what `downloadWeights` gave.
 * @throws FormatError for a file that is damaged or of another kind; DownloadError for an address that cannot be read; the reason of `signal` when
 * that is aborted
 * @example await loadWeights(model, await readWeights("resnet20.th"), { rename: [["^module\\.", ""]] });
 */
export async function readWeights(input: FileInput, options: ReadWeightsOptions = {}): Promise<WeightsFile> {
  const file = await openSource(input, options);
  try {
    const bytes = await readAll(file);
    const format = formatOf(bytes, file.name);
    return { format, source: file.name, tensors: await readers[format](bytes, file, options) };
  } finally {
    await file.close();
  }
}
