// How each layer that a list may name is made: one line a layer, and the compiler asks for those that are missing.
import { type Tensor, at, relu, sigmoid, tanh } from "@stria/core";
import {
  type Activation,
  Dropout2d,
  ELU,
  GELU,
  GroupNorm,
  HardSwish,
  type LayerFactory,
  LeakyReLU,
  Mish,
  type Module,
  ReLU,
  SELU,
  SiLU,
  Sigmoid,
  Softplus,
  Tanh,
  avgPool2d,
  batchNorm1d,
  batchNorm2d,
  conv2d,
  dense,
  depthwiseConv2d,
  dropout,
  elu,
  flatten,
  gelu,
  globalAvgPool,
  globalMaxPool,
  hardSwish,
  leakyRelu,
  maxPool2d,
  mish,
  residual,
  selu,
  separableConv2d,
  silu,
  softplus,
} from "@stria/layers";
import type { ActivationName, Entry } from "../list/kinds.ts";
import { type LayerName, isLayerName } from "../list/layers.ts";
import { Arguments, given } from "./arguments.ts";

const activations: Readonly<Record<ActivationName, Activation>> = {
  identity: "identity",
  relu,
  sigmoid,
  tanh,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  elu: (x: Tensor) => elu(x),
  selu,
  gelu,
  silu,
  mish,
  softplus: (x: Tensor) => softplus(x),
  hardSwish,
};

function activationOf(found: Arguments): { activation?: Activation } {
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

const norm = (found: Arguments) =>
  given({ epsilon: found.get("epsilon", "number"), momentum: found.get("momentum", "share") });

const makers: Readonly<Record<LayerName, (found: Arguments) => Module | LayerFactory>> = {
  conv2d: (found) =>
    conv2d(found.need("outChannels", "count"), found.need("kernel", "perAxis"), {
      ...convolution(found),
      ...given({ groups: found.get("groups", "count") }),
    }),
  depthwiseConv2d: (found) =>
    depthwiseConv2d(found.need("kernel", "perAxis"), {
      ...convolution(found),
      ...given({ multiplier: found.get("multiplier", "count") }),
    }),
  separableConv2d: (found) =>
    separableConv2d(found.need("outChannels", "count"), found.need("kernel", "perAxis"), convolution(found)),
  maxPool2d: (found) => maxPool2d(found.need("kernel", "perAxis"), window(found)),
  avgPool2d: (found) => avgPool2d(found.need("kernel", "perAxis"), window(found)),
  globalAvgPool: () => globalAvgPool(),
  globalMaxPool: () => globalMaxPool(),
  batchNorm1d: (found) => batchNorm1d(norm(found)),
  batchNorm2d: (found) => batchNorm2d(norm(found)),
  groupNorm: (found) => (input) =>
    new GroupNorm(found.need("groups", "count"), at(input, 0), given({ epsilon: found.get("epsilon", "number") })),
  dropout: (found) => dropout(found.get("probability", "share")),
  dropout2d: (found) => new Dropout2d(found.get("probability", "share")),
  flatten: () => flatten(),
  dense: (found) =>
    dense(found.need("outFeatures", "count"), {
      ...given({ bias: found.get("bias", "flag") }),
      ...activationOf(found),
    }),
  residual: (found) => {
    const shortcut = found.get("shortcut", "layers");
    return residual(found.need("layers", "layers").map(makeLayer), {
      ...(shortcut && { shortcut: shortcut.map(makeLayer) }),
      ...activationOf(found),
    });
  },
  relu: () => new ReLU(),
  leakyRelu: (found) => new LeakyReLU(found.get("slope", "number")),
  elu: (found) => new ELU(found.get("alpha", "number")),
  selu: () => new SELU(),
  gelu: () => new GELU(),
  silu: () => new SiLU(),
  mish: () => new Mish(),
  softplus: () => new Softplus(),
  hardSwish: () => new HardSwish(),
  tanh: () => new Tanh(),
  sigmoid: () => new Sigmoid(),
};

/** What `sequential` takes for an entry of a list. */
export function makeLayer(entry: Entry): Module | LayerFactory {
  if (!isLayerName(entry.name)) throw new Error(`there is no layer ${entry.name}`);
  return makers[entry.name](new Arguments(entry));
}
