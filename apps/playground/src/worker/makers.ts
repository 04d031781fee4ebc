// How each layer that a list may name is made: one line a layer, and the compiler asks for those that are missing.
import * as layers from "@stria/layers";
import type { ActivationName, Entry } from "../list/kinds.ts";
import { type LayerName, isLayerName } from "../list/layers.ts";
import { Arguments, given } from "./arguments.ts";

type Made = layers.Module | layers.LayerFactory;

const activations: Readonly<Record<ActivationName, layers.Activation>> = {
  identity: "identity",
  relu: "relu",
  sigmoid: "sigmoid",
  tanh: "tanh",
  leakyRelu: (x) => layers.leakyRelu(x),
  elu: (x) => layers.elu(x),
  selu: (x) => layers.selu(x),
  gelu: (x) => layers.gelu(x),
  silu: (x) => layers.silu(x),
  mish: (x) => layers.mish(x),
  softplus: (x) => layers.softplus(x),
  hardSwish: (x) => layers.hardSwish(x),
};

function activationOf(found: Arguments): { activation?: layers.Activation } {
  const name = found.get("activation", "activation");
  return name === undefined ? {} : { activation: activations[name] };
}

const window = (found: Arguments) =>
  given({ stride: found.get("stride", "perAxis"), padding: found.get("padding", "border") });

const convolution = (found: Arguments) => ({
  ...given({ stride: found.get("stride", "perAxis"), padding: found.get("padding", "padding") }),
  ...given({ dilation: found.get("dilation", "perAxis"), bias: found.get("bias", "flag") }),
  ...activationOf(found),
});

const groups = (found: Arguments) => given({ groups: found.get("groups", "count") });

const epsilon = (found: Arguments) => given({ epsilon: found.get("epsilon", "number") });

const batchNorm = (found: Arguments) => ({
  ...epsilon(found),
  ...given({ momentum: found.get("momentum", "share") }),
});

const lastAxes = (found: Arguments) => ({ ...epsilon(found), ...given({ axes: found.get("axes", "count") }) });

const makers: Readonly<Record<LayerName, (found: Arguments) => Made>> = {
  conv2d: (found) =>
    layers.conv2d(found.need("outChannels", "count"), found.need("kernel", "perAxis"), {
      ...convolution(found),
      ...groups(found),
    }),
  depthwiseConv2d: (found) =>
    layers.depthwiseConv2d(found.need("kernel", "perAxis"), {
      ...convolution(found),
      ...given({ multiplier: found.get("multiplier", "count") }),
    }),
  separableConv2d: (found) =>
    layers.separableConv2d(found.need("outChannels", "count"), found.need("kernel", "perAxis"), convolution(found)),
  convTranspose2d: (found) =>
    layers.convTranspose2d(found.need("outChannels", "count"), found.need("kernel", "perAxis"), {
      ...convolution(found),
      ...groups(found),
    }),
  maxPool2d: (found) => layers.maxPool2d(found.need("kernel", "perAxis"), window(found)),
  avgPool2d: (found) => layers.avgPool2d(found.need("kernel", "perAxis"), window(found)),
  lpPool2d: (found) => layers.lpPool2d(found.need("order", "number"), found.need("kernel", "perAxis"), window(found)),
  stochasticPool2d: (found) => layers.stochasticPool2d(found.need("kernel", "perAxis"), window(found)),
  adaptiveAvgPool2d: (found) => layers.adaptiveAvgPool2d(found.need("size", "perAxis")),
  adaptiveMaxPool2d: (found) => layers.adaptiveMaxPool2d(found.need("size", "perAxis")),
  spatialPyramidPool2d: (found) => layers.spatialPyramidPool2d(found.need("levels", "counts")),
  globalAvgPool: () => layers.globalAvgPool(),
  globalMaxPool: () => layers.globalMaxPool(),
  batchNorm1d: (found) => layers.batchNorm1d(batchNorm(found)),
  batchNorm2d: (found) => layers.batchNorm2d(batchNorm(found)),
  instanceNorm2d: (found) =>
    layers.instanceNorm2d({ ...epsilon(found), ...given({ affine: found.get("affine", "flag") }) }),
  groupNorm: (found) => layers.groupNorm(found.need("groups", "count"), epsilon(found)),
  layerNorm: (found) => layers.layerNorm(lastAxes(found)),
  rmsNorm: (found) => layers.rmsNorm(lastAxes(found)),
  localResponseNorm: (found) =>
    layers.localResponseNorm(
      found.need("size", "count"),
      given({ alpha: found.get("alpha", "number"), beta: found.get("beta", "number"), k: found.get("k", "number") }),
    ),
  dropout: (found) => layers.dropout(found.get("probability", "share")),
  dropout2d: (found) => layers.dropout2d(found.get("probability", "share")),
  flatten: () => layers.flatten(),
  dense: (found) =>
    layers.dense(found.need("outFeatures", "count"), {
      ...given({ bias: found.get("bias", "flag") }),
      ...activationOf(found),
    }),
  residual: (found) => {
    const shortcut = found.get("shortcut", "layers");
    return layers.residual(found.need("layers", "layers").map(makeLayer), {
      ...(shortcut && { shortcut: shortcut.map(makeLayer) }),
      ...activationOf(found),
    });
  },
  concatenated: (found) =>
    layers.concatenated(found.need("branches", "branches").map((branch) => branch.map(makeLayer))),
  pixelShuffle: (found) => layers.pixelShuffle(found.need("factor", "count")),
  pixelUnshuffle: (found) => layers.pixelUnshuffle(found.need("factor", "count")),
  channelShuffle: (found) => layers.channelShuffle(found.need("groups", "count")),
  relu: () => layers.relu(),
  relu6: () => layers.relu6(),
  crelu: () => layers.crelu(),
  leakyRelu: (found) => layers.leakyRelu(found.get("slope", "number")),
  prelu: (found) =>
    layers.prelu(given({ perChannel: found.get("perChannel", "flag"), initial: found.get("initial", "number") })),
  maxout: (found) => layers.maxout(found.need("pieces", "count")),
  elu: (found) => layers.elu(found.get("alpha", "number")),
  celu: (found) => layers.celu(found.get("alpha", "number")),
  selu: () => layers.selu(),
  gelu: () => layers.gelu(),
  geluTanh: () => layers.geluTanh(),
  silu: () => layers.silu(),
  mish: () => layers.mish(),
  softplus: () => layers.softplus(),
  softsign: () => layers.softsign(),
  logSigmoid: () => layers.logSigmoid(),
  hardSwish: () => layers.hardSwish(),
  hardSigmoid: () => layers.hardSigmoid(),
  hardTanh: (found) => layers.hardTanh(found.get("low", "number"), found.get("high", "number")),
  tanhshrink: () => layers.tanhshrink(),
  tanh: () => layers.tanh(),
  sigmoid: () => layers.sigmoid(),
};

/** What `sequential` takes for an entry of a list. */
export function makeLayer(entry: Entry): Made {
  if (!isLayerName(entry.name)) throw new Error(`there is no layer ${entry.name}`);
  return makers[entry.name](new Arguments(entry));
}
