// Dense layers, normalisations and embeddings.
import {
  type Tensor,
  add,
  batchNormEvaluation,
  batchNormTraining,
  cast,
  embedding,
  greater,
  isTraining,
  matmul,
  maximum,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  div,
  tensor,
  where,
} from "@stria/core";
import { placeOf } from "@stria/layers";
import { isList, type Json } from "../../topology/json.ts";
import { normalisedAxes } from "../../topology/rules/weighted.ts";
import type { Settings } from "../../topology/settings.ts";
import { activation, standardised } from "../activations.ts";
import type { Builder } from "../build.ts";
import { range } from "../layout.ts";

const none = (settings: Settings): never => settings.fail("is given no tensor");

const dense: Builder = ({ settings, cells, version }) => {
  const activate = activation(settings, settings.activation(), version);
  return ([x], layout) => {
    if (!x) return none(settings);
    const y = matmul(x, cells.value("weight"), { transposeB: true });
    const bias = cells.optional("bias");
    return activate(bias ? add(y, bias) : y, layout);
  };
};

const batchNormalisation: Builder = ({ settings, cells, layer }) => {
  const [epsilon, momentum] = [settings.number("epsilon", 1e-3), settings.number("momentum", 0.99)];
  const frozen = !settings.flag("trainable", true);
  return ([x]) => {
    if (!x) return none(settings);
    const [weight, bias] = [cells.value("weight"), cells.value("bias")];
    const statistics = { mean: cells.value("running_mean"), variance: cells.value("running_var") };
    // In Keras a frozen layer keeps to its statistics in training too.
    if (frozen || !isTraining(layer(), placeOf(layer(), "BatchNormalization")))
      return batchNormEvaluation(x, weight, bias, statistics, epsilon);
    const batch = batchNormTraining(x, weight, bias, epsilon);
    const moved = (kept: Tensor, found: Tensor): Tensor => add(mul(kept, momentum), mul(found, 1 - momentum));
    cells.update("running_mean", moved(statistics.mean, batch.mean));
    cells.update("running_var", moved(statistics.variance, batch.variance));
    return batch.y;
  };
};

/** (x - mean) / sqrt(variance + epsilon) over some axes. */
function normalised(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centred = sub(x, mean(x, axes, { keepDims: true }));
  return div(centred, sqrt(add(mean(square(centred), axes, { keepDims: true }), epsilon)));
}

/** Scaled and shifted, by numbers that go along `shape`. */
function affine(y: Tensor, shape: readonly number[], weight: Tensor | undefined, bias: Tensor | undefined): Tensor {
  const scaled = weight ? mul(y, reshape(weight, shape)) : y;
  return bias ? add(scaled, reshape(bias, shape)) : scaled;
}

const layerNormalisation: Builder = ({ settings, cells, input }) => {
  if (settings.flag("rms_scaling", false)) settings.fail("scales by the root mean square, which is not supported");
  const epsilon = settings.number("epsilon", 1e-3);
  const axes = normalisedAxes(settings, input.length).map((axis) => axis + 1);
  return ([x]) => {
    if (!x) return none(settings);
    const along = x.shape.map((length, axis) => (axes.includes(axis) ? length : 1));
    return affine(normalised(x, axes, epsilon), along, cells.optional("weight"), cells.optional("bias"));
  };
};

const groupNormalisation: Builder = ({ settings, cells }) => {
  const [epsilon, groups] = [settings.number("epsilon", 1e-3), settings.integer("groups", 32, -1)];
  return ([x]) => {
    if (!x) return none(settings);
    const [batch = 1, channels = 1] = x.shape;
    const count = groups === -1 ? channels : groups;
    if (count < 1 || channels % count !== 0) settings.fail(`splits ${channels} channels into ${count} groups`);
    const split = reshape(x, [batch, count, x.size / (batch * count)]);
    const y = reshape(normalised(split, [2], epsilon), x.shape);
    const along = [1, channels, ...range(x.rank - 2).map(() => 1)];
    return affine(y, along, cells.optional("weight"), cells.optional("bias"));
  };
};

function numbers(value: Json | undefined): number[] {
  if (typeof value === "number") return [value];
  return isList(value) ? value.flatMap(numbers) : [];
}

/** Given statistics, in the config or as weights. Keras divides by no less than 1e-7. */
const normalization: Builder = ({ settings, cells, input }) => {
  const axis = settings.value("axis");
  const axes = axis === undefined ? [] : normalisedAxes(settings, input.length);
  const inverts = settings.flag("invert", false);
  const given = (["mean", "variance"] as const).map((key) => numbers(settings.value(key)));
  return ([x]) => {
    if (!x) return none(settings);
    const along = [1, ...x.shape.slice(1).map((length, at) => (axes.includes(at) ? length : 1))];
    const [centre, variance] = (["mean", "variance"] as const).map((name, index) => {
      const own = given[index] ?? [];
      const value = own.length > 0 ? tensor(own) : cells.value(name);
      return value.size === 1 ? reshape(value, []) : reshape(value, along);
    });
    if (!centre || !variance) return settings.fail("has no mean or no variance");
    return inverts ? add(centre, mul(x, maximum(sqrt(variance), 1e-7))) : standardised(x, centre, variance, 1e-7);
  };
};

const lookup: Builder = ({ settings, cells }) => {
  if (settings.flag("mask_zero", false)) settings.fail("masks zeros, which is not supported");
  return ([indices]) => {
    if (!indices) return none(settings);
    return embedding(indices.dtype === "int32" ? indices : cast(indices, "int32"), cells.value("weight"));
  };
};

/** relu(x) - alpha relu(-x) (He et al. 2015). */
const prelu: Builder =
  ({ settings, cells }) =>
  ([x]) =>
    x ? where(greater(x, 0), x, mul(x, cells.value("weight"))) : none(settings);

const layerScale: Builder =
  ({ settings, cells }) =>
  ([x]) =>
    x
      ? mul(x, reshape(cells.value("weight"), [1, x.shape[1] ?? 1, ...range(x.rank - 2).map(() => 1)]))
      : none(settings);

/** Builders of the layers with weights, besides those that slide windows or unroll. */
export const weightedBuilders: Readonly<Record<string, Builder>> = {
  Dense: dense,
  BatchNormalization: batchNormalisation,
  LayerNormalization: layerNormalisation,
  GroupNormalization: groupNormalisation,
  Normalization: normalization,
  Embedding: lookup,
  LayerScale: layerScale,
  PReLU: prelu,
};
