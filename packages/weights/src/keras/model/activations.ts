// Keras' activations by name, as they are where the file is from: the names have stayed, one formula has not.
import {
  type Tensor,
  add,
  div,
  exp,
  less,
  lessEqual,
  logSoftmax,
  maximum,
  minimum,
  mul,
  pow,
  relu,
  sigmoid,
  softmax,
  sqrt,
  square,
  sub,
  tanh,
  where,
} from "@stria/core";
import {
  celu,
  elu,
  gelu,
  geluTanh,
  hardSigmoid,
  hardSwish,
  hardTanh,
  hardshrink,
  leakyRelu,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
} from "@stria/layers";
import { entry, isList, type Json } from "../topology/json.ts";
import type { KerasActivation, Settings } from "../topology/settings.ts";
import { type Layout, axisIn } from "./layout.ts";

/** What a layer applies to its result. */
export type Activate = (x: Tensor, layout: Layout) => Tensor;

type Number = (key: string, otherwise: number) => number;
type Make = (number: Number, settings: Json) => (x: Tensor) => Tensor;

/** max(0, min(1, x / 5 + 1 / 2)): "hard_sigmoid" of Keras 1 and 2 and of TF.js. */
function hardSigmoidOfKeras2(x: Tensor): Tensor {
  return minimum(maximum(add(mul(x, 0.2), 0.5), 0), 1);
}

/** x above the threshold and below the largest value, slope (x - threshold) below it. */
function bentRelu(x: Tensor, slope: number, largest: number, threshold: number): Tensor {
  const kept = threshold === 0 ? relu(x) : where(lessEqual(x, threshold), 0, x);
  const above = largest === Infinity ? kept : minimum(kept, largest);
  return slope === 0 ? above : where(less(x, threshold), mul(sub(x, threshold), slope), above);
}

const plain =
  (f: (x: Tensor) => Tensor): Make =>
  () =>
    f;

const reluWith: Make = (number) => {
  const [slope, largest, threshold] = [
    number("negative_slope", 0),
    number("max_value", Infinity),
    number("threshold", 0),
  ];
  return (x) => bentRelu(x, slope, largest, threshold);
};

const makers: Readonly<Record<string, Make>> = {
  linear: plain((x) => x),
  relu: reluWith,
  relu6: plain((x) => relu6(x)),
  sigmoid: plain(sigmoid),
  tanh: plain(tanh),
  elu: (number) => {
    const alpha = number("alpha", 1);
    return (x) => elu(x, alpha);
  },
  selu: plain((x) => selu(x)),
  celu: (number) => {
    const alpha = number("alpha", 1);
    return (x) => celu(x, alpha);
  },
  softplus: plain((x) => softplus(x)),
  softsign: plain((x) => softsign(x)),
  silu: plain((x) => silu(x)),
  swish: plain((x) => silu(x)),
  gelu: (_, settings) => (entry(settings, "approximate") === true ? (x) => geluTanh(x) : (x) => gelu(x)),
  exponential: plain(exp),
  mish: plain((x) => mish(x)),
  log_sigmoid: plain((x) => logSigmoid(x)),
  hard_silu: plain((x) => hardSwish(x)),
  hard_swish: plain((x) => hardSwish(x)),
  hard_tanh: plain((x) => hardTanh(x)),
  hard_shrink: plain((x) => hardshrink(x)),
  soft_shrink: plain((x) => softshrink(x)),
  tanh_shrink: plain((x) => tanhshrink(x)),
  squareplus: plain((x) => mul(add(x, sqrt(add(square(x), 4))), 0.5)),
  sparse_plus: plain((x) => where(lessEqual(x, -1), 0, where(less(x, 1), mul(pow(add(x, 1), 2), 0.25), x))),
  threshold_relu: (number) => {
    const theta = number("theta", 1);
    return (x) => where(lessEqual(x, theta), 0, x);
  },
  leaky_relu: (number) => {
    const slope = number("negative_slope", number("alpha", 0.2));
    return (x) => leakyRelu(x, slope);
  },
};

/** Layers that may stand for an activation, and settings that they have by default. */
const layerNames: Readonly<Record<string, string>> = {
  ReLU: "relu",
  LeakyReLU: "leaky_relu",
  ELU: "elu",
  ThresholdedReLU: "threshold_relu",
  Softmax: "softmax",
  hardSigmoid: "hard_sigmoid",
};

/** The axes of a softmax, without the batch. */
function softmaxAxis(settings: Settings, given: Json, rank: number): number {
  const axis = entry(given, "axis") ?? -1;
  if (isList(axis) && axis.length !== 1) settings.fail("is a softmax over several axes", "use one axis");
  return settings.axis(axis, rank);
}

/** An activation of a layer. `version` is Keras' of the file. @throws FormatError for one that is not known */
export function activation(settings: Settings, { name, settings: given }: KerasActivation, version: number): Activate {
  const called = (Object.hasOwn(layerNames, name) ? layerNames[name] : undefined) ?? name;
  const number: Number = (key, otherwise) => {
    const value = entry(given, key) ?? otherwise;
    return typeof value === "number"
      ? value
      : settings.fail(`has an activation whose ${key} is ${JSON.stringify(value)}`);
  };
  if (called === "softmax" || called === "log_softmax") {
    const axisOf = (x: Tensor, layout: Layout): number =>
      axisIn(layout, softmaxAxis(settings, given, x.rank - 1), x.rank - 1);
    return called === "softmax"
      ? (x, layout) => softmax(x, axisOf(x, layout))
      : (x, layout) => logSoftmax(x, axisOf(x, layout));
  }
  if (called === "hard_sigmoid") return version < 3 ? hardSigmoidOfKeras2 : (x) => hardSigmoid(x);
  const make = Object.hasOwn(makers, called) ? makers[called] : undefined;
  return make?.(number, given) ?? settings.fail(`has the activation ${JSON.stringify(name)}, which is not known`);
}

/** Reciprocal square root of variance, as normalisations with given statistics have it. */
export function standardised(x: Tensor, mean: Tensor, variance: Tensor, least: number): Tensor {
  return div(sub(x, mean), maximum(sqrt(variance), least));
}
