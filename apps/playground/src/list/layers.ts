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

export const layerSpecs = {
  conv2d: { arguments: { outChannels: "count", kernel: "perAxis", ...convolution }, required: 2 },
  depthwiseConv2d: { arguments: { kernel: "perAxis", multiplier: "count", ...depthwise }, required: 1 },
  separableConv2d: { arguments: { outChannels: "count", kernel: "perAxis", ...depthwise }, required: 2 },
  maxPool2d: { arguments: { kernel: "perAxis", ...window }, required: 1 },
  avgPool2d: { arguments: { kernel: "perAxis", ...window }, required: 1 },
  globalAvgPool: none,
  globalMaxPool: none,
  batchNorm1d: { arguments: { epsilon: "number", momentum: "share" }, required: 0 },
  batchNorm2d: { arguments: { epsilon: "number", momentum: "share" }, required: 0 },
  groupNorm: { arguments: { groups: "count", epsilon: "number" }, required: 1 },
  dropout: { arguments: { probability: "share" }, required: 0 },
  dropout2d: { arguments: { probability: "share" }, required: 0 },
  flatten: none,
  dense: { arguments: { outFeatures: "count", bias: "flag", activation: "activation" }, required: 1 },
  residual: { arguments: { layers: "layers", shortcut: "layers", activation: "activation" }, required: 1 },
  relu: none,
  leakyRelu: { arguments: { slope: "number" }, required: 0 },
  elu: { arguments: { alpha: "number" }, required: 0 },
  selu: none,
  gelu: none,
  silu: none,
  mish: none,
  softplus: none,
  hardSwish: none,
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
  swish: "silu",
};
