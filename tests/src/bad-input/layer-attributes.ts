// Every number that a layer, a loss or an initialiser takes, as a function of that number; layers are run once.
import { Parameter, type Shape, type Tensor, ones, tensor, training } from "@stria/core";
import * as layers from "@stria/layers";
import type { ByNumber } from "./by-number.ts";

interface Runs {
  forward(x: Tensor): unknown;
}

/** What a layer makes of ones of a shape. */
const on = (shape: Shape, layer: Runs): unknown => training(() => layer.forward(ones(shape)));
const listed = (shape: Shape, factory: layers.LayerFactory | layers.Layer): unknown =>
  on([2, ...shape], layers.sequential([factory], { inputShape: shape }));
const image: Shape = [4, 6, 6];
const batch: Shape = [2, ...image];
const [a, b] = [(): Tensor => ones([2, 3]), (): Tensor => ones([2, 3])];
const labels = (): Tensor => tensor(Int32Array.of(0, 2));
const signs = (): Tensor => tensor([1, -1]);
const initial = (of: (shape: Shape) => layers.LinearOptions["weightInitialiser"], shape: Shape = [4, 4]): unknown => {
  const initialiser = of(shape);
  return initialiser && new Parameter(shape, initialiser).value;
};

const layersByNumber: readonly ByNumber[] = [
  ["Linear: inFeatures", (n) => on([2, 4], new layers.Linear(n, 2))],
  ["Linear: outFeatures", (n) => on([2, 4], new layers.Linear(4, n))],
  ["dense", (n) => listed([4], layers.dense(n))],
  ["Conv2d: inChannels", (n) => on(batch, new layers.Conv2d(n, 4, 3))],
  ["Conv2d: outChannels", (n) => on(batch, new layers.Conv2d(4, n, 3))],
  ["Conv2d: kernel", (n) => on(batch, new layers.Conv2d(4, 4, n))],
  ["Conv2d: stride", (n) => on(batch, new layers.Conv2d(4, 4, 3, { stride: n }))],
  ["Conv2d: padding", (n) => on(batch, new layers.Conv2d(4, 4, 3, { padding: n }))],
  ["Conv2d: padding, reflected", (n) => on(batch, new layers.Conv2d(4, 4, 3, { padding: n, paddingMode: "reflect" }))],
  ["Conv2d: padding, circular", (n) => on(batch, new layers.Conv2d(4, 4, 3, { padding: n, paddingMode: "circular" }))],
  ["Conv2d: dilation", (n) => on(batch, new layers.Conv2d(4, 4, 3, { dilation: n }))],
  [
    "Conv2d: dilation, same, replicated",
    (n) => on(batch, new layers.Conv2d(4, 4, 3, { dilation: n, padding: "same", paddingMode: "replicate" })),
  ],
  ["Conv2d: groups", (n) => on(batch, new layers.Conv2d(4, 4, 3, { groups: n }))],
  ["conv2d: outChannels", (n) => listed(image, layers.conv2d(n, 3))],
  ["conv2d: kernel", (n) => listed(image, layers.conv2d(4, n))],
  ["depthwiseConv2d: kernel", (n) => listed(image, layers.depthwiseConv2d(n))],
  ["depthwiseConv2d: multiplier", (n) => listed(image, layers.depthwiseConv2d(3, { multiplier: n }))],
  ["separableConv2d: outChannels", (n) => listed(image, layers.separableConv2d(n, 3))],
  ["causalConv1d: kernel", (n) => listed([4, 6], layers.causalConv1d(4, n))],
  ["causalConv1d: dilation", (n) => listed([4, 6], layers.causalConv1d(4, 2, { dilation: n }))],
  ["convTranspose2d: outChannels", (n) => listed(image, layers.convTranspose2d(n, 3))],
  ["convTranspose2d: kernel", (n) => listed(image, layers.convTranspose2d(4, n))],
  ["convTranspose2d: stride", (n) => listed(image, layers.convTranspose2d(4, 3, { stride: n }))],
  ["convTranspose2d: padding", (n) => listed(image, layers.convTranspose2d(4, 3, { padding: n }))],
  ["Bilinear: sizes", (n) => new layers.Bilinear(n, 3, 3).forward(a(), b())],
  ["embedding: rows", (n) => layers.embedding(n, 3).forward(labels())],
  ["embedding: size", (n) => layers.embedding(3, n).forward(labels())],
  ["embedding: paddingIndex", (n) => layers.embedding(3, 2, { paddingIndex: n }).forward(labels())],
  ["maxPool2d: kernel", (n) => on(batch, layers.maxPool2d(n))],
  ["avgPool2d: stride", (n) => on(batch, layers.avgPool2d(2, { stride: n }))],
  ["lpPool2d: order", (n) => on(batch, layers.lpPool2d(n, 2))],
  ["lpPool2d: kernel", (n) => on(batch, layers.lpPool2d(2, n))],
  ["adaptiveAvgPool2d: size", (n) => on(batch, layers.adaptiveAvgPool2d(n))],
  ["adaptiveAvgPool2d: height", (n) => on(batch, layers.adaptiveAvgPool2d([n, 2]))],
  ["adaptiveMaxPool2d: size", (n) => on(batch, layers.adaptiveMaxPool2d(n))],
  ["spatialPyramidPool2d: level", (n) => on(batch, layers.spatialPyramidPool2d([n]))],
  ["stochasticPool2d: kernel", (n) => on(batch, layers.stochasticPool2d(n))],
  ["stochasticPool2d: stride", (n) => on(batch, layers.stochasticPool2d(2, { stride: n }))],
  ["crossChannelPool: pieces", (n) => on(batch, layers.crossChannelPool(n))],
  ["maxout: pieces", (n) => on(batch, layers.maxout(n))],
  ["maxout: axis", (n) => on(batch, layers.maxout(2, n))],
  ["BatchNorm2d: channels", (n) => on(batch, new layers.BatchNorm2d(n))],
  ["batchNorm2d: epsilon", (n) => listed(image, layers.batchNorm2d({ epsilon: n }))],
  ["batchNorm2d: momentum", (n) => listed(image, layers.batchNorm2d({ momentum: n }))],
  ["layerNorm: axes", (n) => listed(image, layers.layerNorm({ axes: n }))],
  ["layerNorm: shape", (n) => layers.layerNorm(ones(batch), n)],
  ["layerNorm: epsilon", (n) => listed(image, layers.layerNorm({ epsilon: n }))],
  ["LayerNorm: shape", (n) => on(batch, new layers.LayerNorm(n))],
  ["rmsNorm: axes", (n) => listed(image, layers.rmsNorm({ axes: n }))],
  ["rmsNorm: epsilon", (n) => listed(image, layers.rmsNorm({ epsilon: n }))],
  ["groupNorm: groups", (n) => listed(image, layers.groupNorm(n))],
  ["groupNorm of a tensor: groups", (n) => layers.groupNorm(ones(batch), n)],
  ["instanceNorm2d: epsilon", (n) => listed(image, layers.instanceNorm2d({ epsilon: n }))],
  ["localResponseNorm: size", (n) => on(batch, layers.localResponseNorm(n))],
  ["localResponseNorm: alpha", (n) => on(batch, layers.localResponseNorm(3, { alpha: n }))],
  ["localResponseNorm: beta", (n) => on(batch, layers.localResponseNorm(3, { beta: n }))],
  ["localResponseNorm: k", (n) => on(batch, layers.localResponseNorm(3, { k: n }))],
  ["normalize: axis", (n) => layers.normalize(a(), { axis: n })],
  ["normalize: order", (n) => layers.normalize(a(), { order: n })],
  ["dropout", (n) => on(batch, layers.dropout(n))],
  ["dropout2d", (n) => on(batch, layers.dropout2d(n))],
  ["dropPath", (n) => on(batch, layers.dropPath(n))],
  ["pad", (n) => on(batch, layers.pad(n))],
  ["pad: reflected", (n) => on(batch, layers.pad(n, { mode: "reflect" }))],
  ["pad: value", (n) => on(batch, layers.pad(1, { value: n }))],
  ["pixelShuffle", (n) => on(batch, layers.pixelShuffle(n))],
  ["pixelUnshuffle", (n) => on(batch, layers.pixelUnshuffle(n))],
  ["channelShuffle", (n) => on(batch, layers.channelShuffle(n))],
  ["unflatten", (n) => on([2, 4], layers.unflatten([n]))],
  ["upsample: scaleFactor", (n) => on(batch, layers.upsample(n))],
  ["interpolate: size", (n) => layers.interpolate(ones(batch), { size: n })],
  ["interpolate: bilinear size", (n) => layers.interpolate(ones(batch), { size: n, mode: "linear" })],
  ["affineGrid", (n) => layers.affineGrid(ones([1, 2, 3]), [n, 2])],
  ["maxUnpool: kernel", (n) => layers.maxUnpool(ones([1, 1, 2]), tensor([[[0, 3]]], { dtype: "int32" }), n)],
  ["softmax: axis", (n) => on(batch, layers.softmax(n))],
  ["glu: axis", (n) => on(batch, layers.glu(n))],
  ["elu", (n) => on(batch, layers.elu(n))],
  ["celu", (n) => on(batch, layers.celu(n))],
  ["leakyRelu", (n) => on(batch, layers.leakyRelu(n))],
  ["hardTanh", (n) => on(batch, layers.hardTanh(n))],
  ["threshold", (n) => on(batch, layers.threshold(n, 0))],
  ["softshrink", (n) => on(batch, layers.softshrink(n))],
  ["hardshrink", (n) => on(batch, layers.hardshrink(n))],
  ["softplus: beta", (n) => on(batch, layers.softplus({ beta: n }))],
  ["softplus: threshold", (n) => on(batch, layers.softplus({ threshold: n }))],
  ["prelu: initial", (n) => listed(image, layers.prelu({ initial: n }))],
  ["rnn", (n) => listed([3, 4], layers.rnn(n))],
  ["lstm: layers", (n) => listed([3, 4], layers.lstm(2, { layers: n }))],
  ["lstm: projectionSize", (n) => listed([3, 4], layers.lstm(2, { projectionSize: n }))],
  ["gru: dropout", (n) => listed([3, 4], layers.gru(2, { dropout: n, layers: 2 }))],
  ["GRUCell: hiddenSize", (n) => new layers.GRUCell(3, n).forward(a())],
  ["concatenated: axis", (n) => listed(image, layers.concatenated([[layers.relu()], [layers.tanh()]], n))],
  ["sequential: inputShape", (n) => layers.sequential([layers.dense(2)], { inputShape: [n] })],
];

const lossesByNumber: readonly ByNumber[] = [
  ["crossEntropy: labelSmoothing", (n) => layers.crossEntropy(a(), labels(), { labelSmoothing: n })],
  ["crossEntropy: ignoreIndex", (n) => layers.crossEntropy(a(), labels(), { ignoreIndex: n })],
  ["nllLoss: ignoreIndex", (n) => layers.nllLoss(a(), labels(), { ignoreIndex: n })],
  ["huberLoss: delta", (n) => layers.huberLoss(a(), b(), { delta: n })],
  ["smoothL1Loss: beta", (n) => layers.smoothL1Loss(a(), b(), { beta: n })],
  ["hingeLoss: margin", (n) => layers.hingeLoss(a(), b(), { margin: n })],
  ["multiMarginLoss: margin", (n) => layers.multiMarginLoss(a(), labels(), { margin: n })],
  ["multiMarginLoss: order", (n) => layers.multiMarginLoss(a(), labels(), { order: n })],
  ["cosineSimilarity: axis", (n) => layers.cosineSimilarity(a(), b(), { axis: n })],
  ["pairwiseDistance: order", (n) => layers.pairwiseDistance(a(), b(), { order: n })],
  ["cosineEmbeddingLoss: margin", (n) => layers.cosineEmbeddingLoss(a(), b(), signs(), { margin: n })],
  ["tripletMarginLoss: margin", (n) => layers.tripletMarginLoss(a(), b(), a(), { margin: n })],
  ["infoNceLoss: temperature", (n) => layers.infoNceLoss(a(), b(), { temperature: n })],
  ["sigmoidFocalLoss: gamma", (n) => layers.sigmoidFocalLoss(a(), b(), { gamma: n })],
  ["diceLoss: smooth", (n) => layers.diceLoss(ones(batch), ones(batch), { smooth: n })],
  ["gaussianNllLoss: epsilon", (n) => layers.gaussianNllLoss(a(), b(), a(), { epsilon: n })],
];

const { initialisers } = layers;
const initialisersByNumber: readonly ByNumber[] = [
  ["constant", (n) => initial(() => initialisers.constant(n))],
  ["uniform", (n) => initial(() => initialisers.uniform(n, 1))],
  ["normal", (n) => initial(() => initialisers.normal(0, n))],
  ["truncatedNormal: deviation", (n) => initial(() => initialisers.truncatedNormal(0, n))],
  ["truncatedNormal: mean", (n) => initial(() => initialisers.truncatedNormal(n))],
  ["truncatedNormal: low", (n) => initial(() => initialisers.truncatedNormal(0, 1, n))],
  ["xavierUniform: gain", (n) => initial(() => initialisers.xavierUniform({ gain: n }))],
  ["kaimingNormal: slope", (n) => initial(() => initialisers.kaimingNormal({ slope: n }))],
  ["orthogonal: gain", (n) => initial(() => initialisers.orthogonal(n))],
  ["sparse", (n) => initial(() => initialisers.sparse(n))],
  ["dirac", (n) => initial(() => initialisers.dirac(n), [4, 4, 3])],
];

export const layerAttributes: readonly ByNumber[] = [...layersByNumber, ...lossesByNumber, ...initialisersByNumber];
