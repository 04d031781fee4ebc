// Dense layers, normalisations, embeddings and recurrent layers.
import { isList } from "../json.ts";
import { type KerasVariable, type LayerRule, known, ofRank } from "../rule.ts";
import type { Settings } from "../settings.ts";
import type { KerasShape } from "../topology.ts";

const dense: LayerRule = {
  shape: (settings, input) => {
    if (input.length === 0) settings.fail("is given a number, not features");
    return [...input.slice(0, -1), settings.integer("units")];
  },
  variables: (settings, input) => {
    const [features, units] = [known(settings, input.at(-1), "the last axis"), settings.integer("units")];
    const kernel = { name: "kernel", shape: [features, units] };
    return settings.flag("use_bias", true) ? [kernel, { name: "bias", shape: [units] }] : [kernel];
  },
};

const batchNormalisation: LayerRule = {
  shape: (_, input) => input,
  variables: (settings, input) => {
    const axis = settings.axis(settings.value("axis") ?? -1, input.length);
    const shape = [known(settings, input[axis], "the normalised axis")];
    return [
      ...affine(settings, shape),
      { name: "moving_mean", shape, formerly: ["running_mean"] },
      { name: "moving_variance", shape, formerly: ["running_variance"] },
    ];
  },
};

function affine(settings: Settings, shape: readonly number[]): KerasVariable[] {
  return [
    ...(settings.flag("scale", true) ? [{ name: "gamma", shape }] : []),
    ...(settings.flag("center", true) ? [{ name: "beta", shape }] : []),
  ];
}

/** The axes of a layer normalisation, in order. */
export function normalisedAxes(settings: Settings, rank: number): number[] {
  const axis = settings.value("axis") ?? -1;
  return (isList(axis) ? axis : [axis]).map((one) => settings.axis(one, rank)).toSorted((a, b) => a - b);
}

const layerNormalisation: LayerRule = {
  shape: (_, input) => input,
  variables: (settings, input) =>
    affine(
      settings,
      normalisedAxes(settings, input.length).map((axis) => known(settings, input[axis], "a normalised axis")),
    ),
};

const groupNormalisation: LayerRule = {
  shape: (_, input) => input,
  variables: (settings, input) => {
    const axis = settings.axis(settings.value("axis") ?? -1, input.length);
    return affine(settings, [known(settings, input[axis], "the channels")]);
  },
};

/** Mean and variance are in the config, or variables that `adapt` has found. */
const normalization: LayerRule = {
  shape: (_, input) => input,
  variables: (settings, input) => {
    if (isList(settings.value("mean")) || typeof settings.value("mean") === "number") return [];
    const axis = settings.value("axis");
    const axes = axis === undefined ? [] : normalisedAxes(settings, input.length);
    const shape = axes.map((one) => known(settings, input[one], "a normalised axis"));
    return [
      { name: "mean", shape },
      { name: "variance", shape },
      { name: "count", shape: [] },
    ];
  },
};

const embedding: LayerRule = {
  shape: (settings, input) => [...input, settings.integer("output_dim")],
  variables: (settings) => [
    { name: "embeddings", shape: [settings.integer("input_dim"), settings.integer("output_dim")] },
  ],
};

/** Gates of the recurrent units. */
const gates = { LSTM: 4, GRU: 3, SimpleRNN: 1 } as const;

function recurrent(kind: keyof typeof gates): LayerRule {
  return {
    shape: (settings, input) => {
      const [time = null] = ofRank(settings, input, 2);
      const units = settings.integer("units");
      return settings.flag("return_sequences", false) ? [time, units] : [units];
    },
    variables: (settings, input) => {
      const features = known(settings, ofRank(settings, input, 2)[1], "the features");
      const [units, rows] = [settings.integer("units"), gates[kind] * settings.integer("units")];
      // A GRU whose reset gate acts after the product has a bias of the product too.
      const apart = kind === "GRU" && settings.flag("reset_after", false);
      return [
        { name: "kernel", shape: [features, rows] },
        { name: "recurrent_kernel", shape: [units, rows] },
        ...(settings.flag("use_bias", true) ? [{ name: "bias", shape: apart ? [2, rows] : [rows] }] : []),
      ];
    },
  };
}

/** How both directions are joined. */
export const mergeModes = ["concat", "sum", "mul", "ave"] as const;

/** The shape that both directions together have. */
export function merged(settings: Settings, one: KerasShape): KerasShape {
  const mode = settings.choice("merge_mode", mergeModes, "concat");
  const features = one.at(-1) ?? null;
  return mode === "concat" && features !== null ? [...one.slice(0, -1), 2 * features] : one;
}

/** The rules of layers with weights, besides those that slide windows. */
export const weightedRules: Readonly<Record<string, LayerRule>> = {
  Dense: dense,
  BatchNormalization: batchNormalisation,
  LayerNormalization: layerNormalisation,
  GroupNormalization: groupNormalisation,
  Normalization: normalization,
  Embedding: embedding,
  LSTM: recurrent("LSTM"),
  GRU: recurrent("GRU"),
  SimpleRNN: recurrent("SimpleRNN"),
};
