// @stria/weights: weights of other libraries' files, as host tensors by name.
export {
  type ChannelsLastLayout,
  type ChannelsLastOptions,
  fromChannelsLast,
  normalisationNames,
} from "./layouts/channels-last.ts";
export { downloadWeights, type PublishedWeights } from "./known/download-weights.ts";
export { loadWeights, type LoadWeightsOptions, type LoadWeightsReport, type Weights } from "./load/load-weights.ts";
export type { Misshaped } from "./load/faults.ts";
export type { Renaming } from "./load/rename.ts";
export { readNpy } from "./numpy/read-npy.ts";
export { type NpzOptions, readNpz } from "./numpy/read-npz.ts";
export type { WeightsFormat } from "./formats/detect.ts";
export { readWeights, type ReadWeightsOptions, type WeightsFile } from "./formats/read-weights.ts";
export type { FileFacts, FileHandleLike } from "./source/file-source.ts";
export type { FileInput, OpenOptions } from "./source/open-source.ts";
export { openSafetensors, type OpenSafetensors } from "./safetensors/open-safetensors.ts";
export { writeSafetensors, type WriteSafetensorsOptions } from "./safetensors/write-safetensors.ts";
export { type PyTorchFile, readPyTorch } from "./pytorch/read-pytorch.ts";
export { type WeightsOptions, weightsOf } from "./pytorch/weights-of.ts";
export type { TensorEntry, TensorSource } from "./tensor-source.ts";
export type { PyTorchKey, PyTorchValue } from "./pytorch/values.ts";
