// @stria/weights: weights of other libraries' files, as host tensors by name.
export {
  type ChannelsLastLayout,
  type ChannelsLastOptions,
  fromChannelsLast,
  normalisationNames,
} from "./layouts/channels-last.ts";
export { readNpy } from "./numpy/read-npy.ts";
export { type NpzOptions, readNpz } from "./numpy/read-npz.ts";
export { type PyTorchFile, readPyTorch } from "./pytorch/read-pytorch.ts";
export { type WeightsOptions, weightsOf } from "./pytorch/weights-of.ts";
export type { PyTorchKey, PyTorchValue } from "./pytorch/values.ts";
