// The layers that a list may name, and their arguments: the one table that parser, worker and help text go by.
import type { Kind } from "./kinds.ts";

export interface LayerSpec {
  /** In the order in which they may be given without a name. The first `required` must be given. */
  readonly arguments: Readonly<Record<string, Kind>>;
  readonly required: number;
}

const window = { stride: "perAxis", padding: "border" } as const;
const convolution = {
  stride: "perAxis",
  padding: "padding",
  dilation: "perAxis",
  groups: "count",
  bias: "flag",
  activation: "activation",
} as const;
const { groups: _, ...depthwise } = convolution;
const none = { arguments: {}, required: 0 } as const;
const probability = { arguments: { probability: "share" }, required: 0 } as const;
const pooling = { arguments: { kernel: "perAxis", ...window }, required: 1 } as const;
const batchNorm = { arguments: { epsilon: "number", momentum: "share" }, required: 0 } as const;
const lastAxes = { arguments: { axes: "count", epsilon: "number" }, required: 0 } as const;
const alpha = { arguments: { alpha: "number" }, required: 0 } as const;
const factor = { arguments: { factor: "count" }, required: 1 } as const;

export const layerSpecs = {
  conv2d: { arguments: { outChannels: "count", kernel: "perAxis", ...convolution }, required: 2 },
  depthwiseConv2d: { arguments: { kernel: "perAxis", multiplier: "count", ...depthwise }, required: 1 },
  separableConv2d: { arguments: { outChannels: "count", kernel: "perAxis", ...depthwise }, required: 2 },
  convTranspose2d: { arguments: { outChannels: "count", kernel: "perAxis", ...convolution }, required: 2 },
  maxPool2d: pooling,
  avgPool2d: pooling,
  lpPool2d: { arguments: { order: "number", kernel: "perAxis", ...window }, required: 2 },
  stochasticPool2d: pooling,
  adaptiveAvgPool2d: { arguments: { size: "perAxis" }, required: 1 },
  adaptiveMaxPool2d: { arguments: { size: "perAxis" }, required: 1 },
  spatialPyramidPool2d: { arguments: { levels: "counts" }, required: 1 },
  globalAvgPool: none,
  globalMaxPool: none,
  batchNorm1d: batchNorm,
  batchNorm2d: batchNorm,
  instanceNorm2d: { arguments: { epsilon: "number", affine: "flag" }, required: 0 },
  groupNorm: { arguments: { groups: "count", epsilon: "number" }, required: 1 },
  layerNorm: lastAxes,
  rmsNorm: lastAxes,
  localResponseNorm: {
    arguments: { size: "count", alpha: "number", beta: "number", k: "number" },
    required: 1,
  },
  dropout: probability,
  dropout2d: probability,
  flatten: none,
  dense: { arguments: { outFeatures: "count", bias: "flag", activation: "activation" }, required: 1 },
  residual: { arguments: { layers: "layers", shortcut: "layers", activation: "activation" }, required: 1 },
  concatenated: { arguments: { branches: "branches" }, required: 1 },
  pixelShuffle: factor,
  pixelUnshuffle: factor,
  channelShuffle: { arguments: { groups: "count" }, required: 1 },
  relu: none,
  relu6: none,
  crelu: none,
  leakyRelu: { arguments: { slope: "number" }, required: 0 },
  prelu: { arguments: { perChannel: "flag", initial: "number" }, required: 0 },
  maxout: { arguments: { pieces: "count" }, required: 1 },
  elu: alpha,
  celu: alpha,
  selu: none,
  gelu: none,
  geluTanh: none,
  silu: none,
  mish: none,
  softplus: none,
  softsign: none,
  logSigmoid: none,
  hardSwish: none,
  hardSigmoid: none,
  hardTanh: { arguments: { low: "number", high: "number" }, required: 0 },
  tanhshrink: none,
  tanh: none,
  sigmoid: none,
} as const satisfies Readonly<Record<string, LayerSpec>>;

export type LayerName = keyof typeof layerSpecs;

export function isLayerName(name: string): name is LayerName {
  return Object.hasOwn(layerSpecs, name);
}

/** What other libraries call these layers. */
export const otherNames: Readonly<Record<string, LayerName>> = {
  maxpooling2d: "maxPool2d",
  averagepooling2d: "avgPool2d",
  averagepool2d: "avgPool2d",
  globalaveragepooling2d: "globalAvgPool",
  globalaveragepool: "globalAvgPool",
  globalmaxpooling2d: "globalMaxPool",
  batchnormalization: "batchNorm2d",
  batchnorm: "batchNorm2d",
  spatialdropout2d: "dropout2d",
  depthwiseconvolution: "depthwiseConv2d",
  convolution2d: "conv2d",
  conv: "conv2d",
  linear: "dense",
  concatenate: "concatenated",
  layernormalization: "layerNorm",
  groupnormalization: "groupNorm",
  conv2dtranspose: "convTranspose2d",
  swish: "silu",
};
