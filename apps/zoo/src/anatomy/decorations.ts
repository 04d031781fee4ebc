// Layers that change a map's values but not what it is: they are named at the box before them.
import {
  BatchNorm,
  CELU,
  ChannelShuffle,
  DropPath,
  Dropout,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  ELU,
  Flatten,
  GELU,
  GLU,
  GRU,
  GroupNorm,
  HardSigmoid,
  HardSwish,
  HardTanh,
  Identity,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LSTM,
  LayerNorm,
  LeakyReLU,
  LocalResponseNorm,
  LogSoftmax,
  MaxUnpool,
  Mish,
  PReLU,
  Pad,
  RMSNorm,
  RNN,
  ReLU,
  ReLU6,
  SELU,
  SiLU,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
  Upsample,
} from "@stria/layers";

type Class = abstract new (...parameters: never[]) => object;

/** What is said of each; nothing of those that matter in training alone, or only move values. */
const names: readonly (readonly [Class, string])[] = [
  [ReLU, "ReLU"],
  [BatchNorm, "batch norm"],
  [Dropout, ""],
  [Dropout1d, ""],
  [Dropout2d, ""],
  [Dropout3d, ""],
  [DropPath, ""],
  [Flatten, "flattened"],
  [Identity, ""],
  [Pad, "padded"],
  [ChannelShuffle, "channels shuffled"],
  [ReLU6, "ReLU6"],
  [LayerNorm, "layer norm"],
  [GroupNorm, "group norm"],
  [RMSNorm, "RMS norm"],
  [InstanceNorm1d, "instance norm"],
  [InstanceNorm2d, "instance norm"],
  [InstanceNorm3d, "instance norm"],
  [LocalResponseNorm, "local response norm"],
  [Sigmoid, "sigmoid"],
  [Tanh, "tanh"],
  [Softmax, "softmax"],
  [LogSoftmax, "log softmax"],
  [Softplus, "softplus"],
  [GELU, "GELU"],
  [SiLU, "SiLU"],
  [HardSwish, "hard swish"],
  [HardSigmoid, "hard sigmoid"],
  [HardTanh, "hard tanh"],
  [LeakyReLU, "leaky ReLU"],
  [PReLU, "PReLU"],
  [ELU, "ELU"],
  [CELU, "CELU"],
  [SELU, "SELU"],
  [GLU, "GLU"],
  [Mish, "Mish"],
];

/** The same of ops that a model calls itself. */
export const opNames: Readonly<Record<string, string>> = {
  relu: "ReLU",
  sigmoid: "sigmoid",
  tanh: "tanh",
  erf: "GELU",
  softmax: "softmax",
  logSoftmax: "log softmax",
};

/** The name of a layer that is no box of its own; undefined for others. */
export function decorationOf(layer: object | undefined): string | undefined {
  return names.find(([one]) => layer instanceof one)?.[1];
}

export function recurrentName(layer: object | undefined): string | undefined {
  if (layer instanceof LSTM) return "LSTM";
  if (layer instanceof GRU) return "GRU";
  return layer instanceof RNN ? "RNN" : undefined;
}

/** Of layers that make maps larger by no weights. */
export function resizingName(layer: object | undefined): string | undefined {
  if (layer instanceof Upsample) return "upsampling";
  return layer instanceof MaxUnpool ? "unpooling" : undefined;
}
