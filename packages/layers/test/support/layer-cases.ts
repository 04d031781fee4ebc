// A small example of every layer of the package, by the name of its class. What is exported and not here fails every-layer.test.ts.
import { type Shape, type Tensor, fromHost } from "@stria/core";
import * as layers from "../../src/index.ts";
import type { Layer, LayerFactory } from "../../src/index.ts";

/** A layer as an entry of a list of layers. */
export interface ListedCase {
  readonly entry: () => Layer | LayerFactory;
  /** Of one example. */
  readonly input: Shape;
  /** The input is numbers of rows, below this. */
  readonly rows?: number;
}

/** A layer that is no entry of such a list: it takes more than one tensor, or gives more than one. */
export interface LoneCase {
  readonly make: () => layers.Module<never, unknown>;
  readonly inputs: readonly Shape[];
  readonly call: (layer: never, inputs: readonly Tensor[]) => readonly Tensor[];
}

function lone<L extends layers.Module<never, unknown>>(
  make: () => L,
  inputs: readonly Shape[],
  call: (layer: L, inputs: readonly Tensor[]) => readonly Tensor[],
): LoneCase {
  return { make, inputs, call };
}

function tensors(list: readonly Tensor[], count: number): Tensor[] {
  if (list.length !== count) throw new Error(`${list.length} tensors, not ${count}`);
  return [...list];
}

const image = [2, 4, 3];
/** Where max pooling of 2 found the largest. */
function indices(): Tensor {
  return fromHost(Int32Array.of(1, 2, 0, 3, 1, 2, 3, 2), [2, 2, 2], "int32");
}

const listed = (entry: ListedCase["entry"], input: Shape = image): ListedCase => ({ entry, input });

export const layerCases: Readonly<Record<string, ListedCase | LoneCase>> = {
  AdaptiveAvgPool: listed(() => layers.adaptiveAvgPool2d([3, 2])),
  AdaptiveMaxPool: listed(() => layers.adaptiveMaxPool2d([3, 2])),
  AvgPool1d: listed(() => layers.avgPool1d(2, { padding: 1, countPadding: false }), [2, 5]),
  AvgPool2d: listed(() => layers.avgPool2d([2, 3], { stride: 1, ceilMode: true })),
  AvgPool3d: listed(() => layers.avgPool3d(2), [1, 2, 3, 2]),
  BatchNorm1d: listed(() => layers.batchNorm1d(), [3]),
  BatchNorm2d: listed(() => layers.batchNorm2d({ momentum: null })),
  BatchNorm3d: listed(() => layers.batchNorm3d(), [2, 2, 1, 2]),
  Bilinear: lone(
    () => new layers.Bilinear(2, 3, 2),
    [
      [2, 2],
      [2, 3],
    ],
    (layer, inputs) => {
      const [a, b] = tensors(inputs, 2) as [Tensor, Tensor];
      return [layer.forward(a, b)];
    },
  ),
  CELU: listed(() => layers.celu(0.7)),
  CReLU: listed(() => layers.crelu()),
  CausalConv1d: listed(() => layers.causalConv1d(2, 2, { dilation: 2 }), [2, 5]),
  ChannelShuffle: listed(() => layers.channelShuffle(2), [4, 2, 1]),
  Concat: listed(() => layers.concatenated([[layers.conv2d(2, 1)], [layers.identity()]])),
  Conv1d: listed(() => layers.conv1d(3, 2, { padding: "same", activation: "tanh" }), [2, 4]),
  Conv2d: listed(() => layers.conv2d(2, [2, 3], { stride: [2, 1], padding: 1, paddingMode: "reflect" })),
  Conv3d: listed(() => layers.conv3d(2, 2, { groups: 2, bias: false }), [2, 2, 3, 2]),
  ConvTranspose1d: listed(() => layers.convTranspose1d(2, 3, { stride: 2, outputPadding: 1 }), [2, 3]),
  ConvTranspose2d: listed(() => layers.convTranspose2d(2, 2, { groups: 2, padding: 1 })),
  ConvTranspose3d: listed(() => layers.convTranspose3d(1, 2, { dilation: 2 }), [2, 2, 1, 2]),
  DepthwiseConv1d: listed(() => layers.depthwiseConv1d(2, { multiplier: 2 }), [2, 4]),
  DepthwiseConv2d: listed(() => layers.depthwiseConv2d(2)),
  DepthwiseConv3d: listed(() => layers.depthwiseConv3d(2), [2, 2, 2, 2]),
  DropPath: listed(() => layers.dropPath(0.4)),
  Dropout: listed(() => layers.dropout(0.4)),
  Dropout1d: listed(() => layers.dropout1d(0.4), [3, 4]),
  Dropout2d: listed(() => layers.dropout2d(0.4)),
  Dropout3d: listed(() => layers.dropout3d(0.4), [3, 1, 2, 2]),
  ELU: listed(() => layers.elu(1.3)),
  Embedding: { entry: () => layers.embedding(5, 3), input: [4], rows: 5 },
  Flatten: listed(() => layers.flatten()),
  GELU: listed(() => layers.gelu()),
  GELUTanh: listed(() => layers.geluTanh()),
  GLU: listed(() => layers.glu(1)),
  GRU: listed(() => layers.gru(2, { layers: 2, dropout: 0.4 }), [3, 2]),
  GRUCell: lone(
    () => new layers.GRUCell(2, 3),
    [
      [2, 2],
      [2, 3],
    ],
    (layer, inputs) => {
      const [x, state] = tensors(inputs, 2) as [Tensor, Tensor];
      return [layer.forward(x, state)];
    },
  ),
  GlobalAvgPool: listed(() => layers.globalAvgPool()),
  GlobalMaxPool: listed(() => layers.globalMaxPool()),
  GroupNorm: listed(() => layers.groupNorm(2), [4, 3, 2]),
  HardSigmoid: listed(() => layers.hardSigmoid()),
  HardSwish: listed(() => layers.hardSwish()),
  HardTanh: listed(() => layers.hardTanh(-0.6, 1.2)),
  Hardshrink: listed(() => layers.hardshrink(0.7)),
  Identity: listed(() => layers.identity()),
  InstanceNorm1d: listed(() => layers.instanceNorm1d({ affine: true }), [2, 5]),
  InstanceNorm2d: listed(() => layers.instanceNorm2d({ trackRunningStatistics: true })),
  InstanceNorm3d: listed(() => layers.instanceNorm3d(), [2, 2, 2, 1]),
  LSTM: listed(() => layers.lstm(3, { bidirectional: true, projectionSize: 2 }), [3, 2]),
  LSTMCell: lone(
    () => new layers.LSTMCell(2, 2),
    [
      [2, 2],
      [2, 2],
      [2, 2],
    ],
    (layer, inputs) => {
      const [x, hidden, cell] = tensors(inputs, 3) as [Tensor, Tensor, Tensor];
      const next = layer.forward(x, { hidden, cell });
      return [next.hidden, next.cell];
    },
  ),
  LastStep: listed(() => layers.lastStep(), [3, 2]),
  LayerNorm: listed(() => layers.layerNorm({ axes: 2 })),
  LeakyReLU: listed(() => layers.leakyRelu(0.2)),
  Linear: listed(() => layers.dense(3, { activation: layers.silu }), [4]),
  LocalResponseNorm: listed(() => layers.localResponseNorm(3, { alpha: 0.5 }), [5, 2]),
  LogSigmoid: listed(() => layers.logSigmoid()),
  LogSoftmax: listed(() => layers.logSoftmax(2)),
  LpPool: listed(() => layers.lpPool2d(2, 2)),
  MaxPool1d: listed(() => layers.maxPool1d(2, { padding: 1 }), [2, 5]),
  MaxPool2d: listed(() => layers.maxPool2d(2, { stride: 1 })),
  MaxPool3d: listed(() => layers.maxPool3d(2), [1, 2, 3, 2]),
  MaxUnpool: lone(
    () => new layers.MaxUnpool(2),
    [[2, 2, 2]],
    (layer, inputs) => {
      const [values] = tensors(inputs, 1) as [Tensor];
      return [layer.forward(values, indices())];
    },
  ),
  Maxout: listed(() => layers.maxout(2)),
  Mish: listed(() => layers.mish()),
  PReLU: listed(() => layers.prelu({ perChannel: true })),
  Pad: listed(() =>
    layers.pad(
      [
        [1, 2],
        [0, -1],
      ],
      { mode: "circular" },
    ),
  ),
  Parallel: lone(
    () => new layers.Parallel([new layers.Linear(2, 3), new layers.Tanh()]),
    [[2, 2]],
    (layer, inputs) => {
      const [x] = tensors(inputs, 1) as [Tensor];
      return layer.forward(x);
    },
  ),
  PixelShuffle: listed(() => layers.pixelShuffle(2), [4, 2, 2]),
  PixelUnshuffle: listed(() => layers.pixelUnshuffle(2), [1, 4, 2]),
  RMSNorm: listed(() => layers.rmsNorm()),
  RNN: listed(() => layers.rnn(3, { nonlinearity: "tanh" }), [3, 2]),
  RNNCell: lone(
    () => new layers.RNNCell(2, 3, { bias: false }),
    [[2, 2]],
    (layer, inputs) => {
      const [x] = tensors(inputs, 1) as [Tensor];
      return [layer.forward(x)];
    },
  ),
  ReLU: listed(() => layers.relu()),
  ReLU6: listed(() => layers.relu6()),
  Residual: listed(() => layers.residual([layers.conv2d(2, 3, { padding: 1 })], { activation: "sigmoid" })),
  SELU: listed(() => layers.selu()),
  SeparableConv1d: listed(() => layers.separableConv1d(3, 2, { between: "tanh" }), [2, 4]),
  SeparableConv2d: listed(() => layers.separableConv2d(2, 2)),
  Sequential: listed(() => new layers.Sequential([new layers.Linear(4, 2), new layers.Tanh()]), [4]),
  SiLU: listed(() => layers.silu()),
  Sigmoid: listed(() => layers.sigmoid()),
  Softmax: listed(() => layers.softmax()),
  Softplus: listed(() => layers.softplus({ beta: 2 })),
  Softshrink: listed(() => layers.softshrink(0.7)),
  Softsign: listed(() => layers.softsign()),
  SpatialPyramidPool: listed(() => layers.spatialPyramidPool2d([1, 2])),
  StochasticPool: listed(() => layers.stochasticPool2d(2)),
  Tanh: listed(() => layers.tanh()),
  Tanhshrink: listed(() => layers.tanhshrink()),
  Threshold: listed(() => layers.threshold(0.5, -2)),
  Unflatten: listed(() => layers.unflatten([3, 2]), [6]),
  Upsample: listed(() => layers.upsample([2, 1.5], { mode: "cubic" })),
  WeightNorm: listed(() => layers.weightNorm(layers.conv2d(2, 2))),
};
