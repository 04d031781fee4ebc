// @stria/layers: modules, layers, initialisers and losses.
export { type Activation, Identity, ReLU, Sigmoid, Tanh, relu, sigmoid, tanh } from "./activation.ts";
export { checkOptions } from "./check-options.ts";
export {
  CReLU,
  GELU,
  GELUTanh,
  HardSigmoid,
  HardSwish,
  LogSigmoid,
  Mish,
  ReLU6,
  SELU,
  SiLU,
  Softsign,
  Tanhshrink,
} from "./activations/plain-layers.ts";
export {
  CELU,
  ELU,
  GLU,
  HardTanh,
  Hardshrink,
  LeakyReLU,
  LogSoftmax,
  Maxout,
  PReLU,
  Softmax,
  Softplus,
  Softshrink,
  Threshold,
} from "./activations/set-layers.ts";
export type { SoftplusOptions } from "./activations/smooth.ts";
export {
  BatchNorm,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
  batchNorm1d,
  batchNorm2d,
  batchNorm3d,
} from "./batch-norm.ts";
export { Bilinear, type BilinearOptions } from "./bilinear.ts";
export { Concat, Parallel, Residual, type ResidualOptions, concatenated, residual } from "./branches.ts";
export type { ConvolutionEntry } from "./by-channels.ts";
export { Conv1d, Conv2d, Conv3d, type ConvLayerOptions, conv1d, conv2d, conv3d } from "./conv.ts";
export {
  CausalConv1d,
  DepthwiseConv1d,
  DepthwiseConv2d,
  DepthwiseConv3d,
  type DepthwiseOptions,
  SeparableConv1d,
  SeparableConv2d,
  type SeparableOptions,
  causalConv1d,
  depthwiseConv1d,
  depthwiseConv2d,
  depthwiseConv3d,
  separableConv1d,
  separableConv2d,
} from "./conv-kinds.ts";
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "./conv-transpose.ts";
export { Dropout, dropout } from "./dropout.ts";
export { Embedding, type EmbeddingLayerOptions, embedding } from "./embedding.ts";
export { Features, features } from "./features.ts";
export { Flatten, flatten } from "./flatten.ts";
export { type PathPatterns, freeze, unfreeze } from "./freeze.ts";
export {
  type FunctionAndLayer,
  celu,
  channelShuffle,
  crelu,
  elu,
  gelu,
  geluTanh,
  glu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  hardshrink,
  identity,
  leakyRelu,
  localResponseNorm,
  logSigmoid,
  logSoftmax,
  maxout,
  mish,
  pixelShuffle,
  pixelUnshuffle,
  relu6,
  selu,
  silu,
  softmax,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
} from "./functions-and-layers.ts";
export * as initialisers from "./initialisers.ts";
export type { KaimingOptions, Nonlinearity, XavierOptions } from "./initialisers.ts";
export { Linear, type LinearOptions, dense } from "./linear.ts";
export {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "./losses/binary-cross-entropy.ts";
export { type ClassLossOptions, type CrossEntropyOptions, crossEntropy } from "./losses/cross-entropy.ts";
export { type CtcOptions, ctcLoss } from "./losses/ctc.ts";
export type { Lengths } from "./losses/ctc-labels.ts";
export {
  type CosineSimilarityOptions,
  type DistanceOptions,
  type InfoNceOptions,
  type TripletOptions,
  cosineEmbeddingLoss,
  cosineSimilarity,
  infoNceLoss,
  pairwiseDistance,
  tripletMarginLoss,
} from "./losses/distance.ts";
export {
  type KlDivergenceOptions,
  type LikelihoodOptions,
  type PoissonOptions,
  gaussianNllLoss,
  klDivergence,
  poissonNllLoss,
} from "./losses/likelihood.ts";
export {
  type MarginOptions,
  type MultiMarginOptions,
  type MultilabelSoftMarginOptions,
  hingeEmbeddingLoss,
  hingeLoss,
  marginRankingLoss,
  multiMarginLoss,
  multilabelSoftMarginLoss,
  softMarginLoss,
  squaredHingeLoss,
} from "./losses/margin.ts";
export { multilabelMarginLoss } from "./losses/multilabel-margin.ts";
export { nllLoss } from "./losses/nll.ts";
export type { LossOptions, Reduction } from "./losses/reduction.ts";
export {
  type HuberOptions,
  type SmoothL1Options,
  huberLoss,
  l1Loss,
  mseLoss,
  smoothL1Loss,
} from "./losses/regression.ts";
export {
  type DiceOptions,
  type FocalOptions,
  diceLoss,
  sigmoidFocalLoss,
  totalVariation,
} from "./losses/segmentation.ts";
export { type Layer, type LayerFactory, Module, inLayer, placeOf } from "./module.ts";
export { GroupNorm, type GroupNormOptions } from "./norms/group-norm.ts";
export {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
  instanceNorm,
  instanceNorm1d,
  instanceNorm2d,
  instanceNorm3d,
} from "./norms/instance-norm.ts";
export { LayerNorm, type LayerNormOptions, RMSNorm, type RmsNormOptions } from "./norms/layer-norm.ts";
export { LocalResponseNorm, type LocalResponseNormOptions } from "./norms/local-response-norm.ts";
export type { NormOptions } from "./norms/statistics.ts";
export { type NormalizeOptions, normalize } from "./norms/vector-norm.ts";
export { WeightNorm, type WeightNormOptions, weightNorm } from "./norms/weight-norm.ts";
export { Pad, type PadOptions, type PaddingMode, pad, padLast } from "./padding.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  GlobalAvgPool,
  GlobalMaxPool,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  globalAvgPool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./pool.ts";
export {
  GRUCell,
  LSTMCell,
  type LSTMCellState,
  RNNCell,
  type RNNCellOptions,
  type RecurrentCellOptions,
} from "./recurrent/cells.ts";
export { LastStep, gru, lastStep, lstm, rnn } from "./recurrent/in-sequential.ts";
export {
  GRU,
  LSTM,
  type LSTMOptions,
  type LSTMState,
  RNN,
  type RNNOptions,
  type RecurrentOptions,
  type RecurrentResult,
} from "./recurrent/layers.ts";
export {
  AdaptiveAvgPool,
  AdaptiveMaxPool,
  type AdaptiveSize,
  adaptiveAvgPool,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from "./pools/adaptive.ts";
export { crossChannelPool } from "./pools/cross-channel.ts";
export { LpPool, lpPool, lpPool1d, lpPool2d, lpPool3d } from "./pools/lp.ts";
export { type PyramidOptions, SpatialPyramidPool, spatialPyramidPool, spatialPyramidPool2d } from "./pools/pyramid.ts";
export {
  StochasticPool,
  type StochasticPoolOptions,
  stochasticPool1d,
  stochasticPool2d,
  stochasticPool3d,
} from "./pools/stochastic.ts";
export { MaxUnpool, type UnpoolOptions, maxUnpool } from "./pools/unpool.ts";
export { affineGrid } from "./resize/affine-grid.ts";
export { type GridSampleOptions, gridSample } from "./resize/grid-sample.ts";
export { type InterpolateOptions, Upsample, interpolate, upsample } from "./resize/interpolate.ts";
export type { InterpolationMode } from "./resize/weights.ts";
export { Sequential, type SequentialOptions, sequential } from "./sequential.ts";
export { ChannelShuffle, PixelShuffle, PixelUnshuffle, Unflatten, unflatten } from "./shuffle.ts";
export { type PReluOptions, groupNorm, layerNorm, prelu, rmsNorm } from "./sized-layers.ts";
export {
  DropPath,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  dropPath,
  dropout1d,
  dropout2d,
  dropout3d,
} from "./structured-dropout.ts";
export { type LoadOptions, type LoadReport, loadStateDict, stateDict } from "./state-dict.ts";
export { receptiveFieldsOf } from "./summary/fields-of.ts";
export type { ModelMemory } from "./summary/memory.ts";
export { type LayerCall, observeCalls } from "./summary/observe.ts";
export { type Summary, type SummaryOptions, type SummaryRow, countParameters, summary } from "./summary/summary.ts";
export type { ReceptiveField } from "./summary/view.ts";
export { type AxisWindow, receptiveField } from "./summary/window-arithmetic.ts";
