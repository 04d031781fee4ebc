// The order of axes that each class of layers works in.
import { Settings } from "../topology/settings.ts";
import type { KerasLayer } from "../topology/topology.ts";
import type { Layout } from "./layout.ts";

/** "any": the one that its first input is in. */
export type Wants = Layout | "any";

type Rule = (settings: Settings, rank: number) => Wants;

/** Channels are the axis after the batch, wherever Keras has them. */
const image: Rule = (settings) => (settings.channelsLast() ? "first" : "plain");

const any: readonly string[] = [
  "Activation",
  "ReLU",
  "LeakyReLU",
  "ELU",
  "ThresholdedReLU",
  "Softmax",
  "Dropout",
  "GaussianNoise",
  "GaussianDropout",
  "AlphaDropout",
  "ActivityRegularization",
  "Add",
  "Subtract",
  "Multiply",
  "Divide",
  "TrueDivide",
  "Average",
  "Maximum",
  "Minimum",
  "Concatenate",
  "CustomScaleLayer",
];
const plain: readonly string[] = [
  "Dense",
  "LayerNormalization",
  "Normalization",
  "Rescaling",
  "PReLU",
  "Embedding",
  "Reshape",
  "Permute",
  "Flatten",
  "RepeatVector",
  "LSTM",
  "GRU",
  "SimpleRNN",
  "Bidirectional",
  "TimeDistributed",
];

const own: Readonly<Record<string, Rule>> = {
  // Sequences of 1-D layers have no data_format in older files, and channels last.
  SpatialDropout1D: () => "first",
  BatchNormalization: (settings, rank) => atAxis(settings, rank),
  GroupNormalization: (settings, rank) => atAxis(settings, rank),
  LayerScale: () => "first",
};

/** The order in which the axis of the layer comes after the batch. */
function atAxis(settings: Settings, rank: number): Wants {
  const axis = settings.axis(settings.value("axis") ?? -1, rank);
  if (axis === rank - 1) return "first";
  return axis === 0
    ? "plain"
    : settings.fail(`acts on axis ${axis + 1} of ${rank} and the batch, neither the first nor the last`);
}

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(any.map((name) => [name, (): Wants => "any"])),
  ...Object.fromEntries(plain.map((name) => [name, (): Wants => "plain"])),
  ...own,
};

/** What a layer wants whose input has `rank` axes besides the batch. Classes that are not listed work on images. */
export function wantsOf(layer: KerasLayer, rank: number, source: string): Wants {
  const name = layer.className.replace(/V[12]$/u, "");
  return (rules[name] ?? image)(new Settings(layer, source), rank);
}
