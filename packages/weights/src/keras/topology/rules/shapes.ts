// Layers that move, join or lengthen axes, and those that leave the shape as it is.
import { isList } from "../json.ts";
import { type LayerRule, image, imageOf, ofRank } from "../rule.ts";
import type { Settings } from "../settings.ts";
import type { KerasShape } from "../topology.ts";

const kept: LayerRule = { shape: (_, input) => input };

function product(shape: KerasShape): number | null {
  return shape.reduce<number | null>((size, length) => (size === null || length === null ? null : size * length), 1);
}

/** Two shapes as one, where 1 stands for any length; the shorter one lacks axes at the front. */
function broadcast(settings: Settings, a: KerasShape, b: KerasShape): KerasShape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, index) => {
    const [left = 1, right = 1] = [a[index - rank + a.length], b[index - rank + b.length]];
    if (left === 1) return right;
    if (right === 1 || left === right || right === null) return left;
    if (left === null) return right;
    return settings.fail(`joins [${a.join(", ")}] and [${b.join(", ")}]`);
  });
}

const merge: LayerRule = {
  joins: true,
  shape: (settings, input, inputs) =>
    inputs.slice(1).reduce((shape, other) => {
      if (shape.length !== other.length) settings.fail(`joins [${shape.join(", ")}] and [${other.join(", ")}]`);
      return broadcast(settings, shape, other);
    }, input),
};

const concatenate: LayerRule = {
  joins: true,
  shape: (settings, input, inputs) => {
    const axis = settings.axis(settings.value("axis") ?? -1, input.length);
    return inputs.slice(1).reduce((shape, other) => {
      if (other.length !== shape.length) settings.fail(`joins [${shape.join(", ")}] and [${other.join(", ")}]`);
      return shape.map((length, index) => {
        const more = other[index] ?? null;
        if (index === axis) return length === null || more === null ? null : length + more;
        if (length !== null && more !== null && length !== more)
          settings.fail(`joins [${shape.join(", ")}] and [${other.join(", ")}] along axis ${axis + 1}`);
        return length ?? more;
      });
    }, input);
  },
};

/** A scale for each channel, of ConvNeXt. */
const layerScale: LayerRule = {
  shape: (_, input) => input,
  variables: (settings) => [{ name: "gamma", shape: [settings.integer("projection_dim")] }],
};

const flatten: LayerRule = { shape: (_, input) => [input.length === 0 ? 1 : product(input)] };

/** The shape that Reshape is to give, with the length that it leaves to be worked out. */
export function reshaped(settings: Settings, input: KerasShape): KerasShape {
  const target = settings.value("target_shape");
  if (!isList(target)) return settings.fail("has no target_shape");
  const lengths = target.map((length) =>
    typeof length === "number" && Number.isInteger(length) && (length > 0 || length === -1) ? length : null,
  );
  const open = lengths.filter((length) => length === -1 || length === null).length;
  const size = product(input);
  if (open > 1 || size === null) return lengths.map((length) => (length === -1 ? null : length));
  const rest = lengths.reduce<number>(
    (total, length) => (length === null || length === -1 ? total : total * length),
    1,
  );
  if (open === 0 ? rest !== size : size % rest !== 0)
    return settings.fail(`gives ${JSON.stringify(target)} of ${size} elements`);
  return lengths.map((length) => (length === null || length === -1 ? size / rest : length));
}

/** The order of axes that Permute gives, from 0 and without the batch. */
export function permutation(settings: Settings, rank: number): number[] {
  const order = settings.sizes("dims", rank).map((axis) => axis - 1);
  if (order.toSorted((a, b) => a - b).some((axis, index) => axis !== index))
    return settings.fail(`permutes the axes as ${JSON.stringify(settings.value("dims"))}`);
  return order;
}

function spatial(count: number, longer: (settings: Settings, length: number, axis: number) => number): LayerRule {
  return {
    shape: (settings, input) => {
      const { lengths, channels } = imageOf(settings, input, count);
      const changed = lengths.map((length, axis) => (length === null ? null : longer(settings, length, axis)));
      if (changed.some((length) => length !== null && length < 1)) settings.fail("leaves nothing of an axis");
      return image(settings, changed, channels);
    },
  };
}

const padded = (count: number): LayerRule =>
  spatial(count, (settings, length, axis) => {
    const [before = 0, after = 0] = settings.pairs("padding", count)[axis] ?? [];
    return length + before + after;
  });

const cropped = (count: number): LayerRule =>
  spatial(count, (settings, length, axis) => {
    const [before = 0, after = 0] = settings.pairs("cropping", count)[axis] ?? [];
    return length - before - after;
  });

const upsampled = (count: number): LayerRule =>
  spatial(count, (settings, length, axis) => {
    const twice = Array.from({ length: count }, () => 2);
    return length * (settings.sizes("size", count, twice)[axis] ?? 1);
  });

const prelu: LayerRule = {
  shape: (_, input) => input,
  variables: (settings, input) => {
    const shared = settings.value("shared_axes");
    const axes = new Set(isList(shared) ? shared.map((axis) => settings.axis(axis, input.length)) : []);
    const shape = input.map((length, axis) =>
      axes.has(axis) ? 1 : (length ?? settings.fail("needs every length of its input")),
    );
    return [{ name: "alpha", shape }];
  },
};

/** The rules of layers without arithmetic of their own. */
export const shapeRules: Readonly<Record<string, LayerRule>> = {
  Activation: kept,
  ReLU: kept,
  LeakyReLU: kept,
  ELU: kept,
  ThresholdedReLU: kept,
  Softmax: kept,
  PReLU: prelu,
  Dropout: kept,
  SpatialDropout1D: kept,
  SpatialDropout2D: kept,
  SpatialDropout3D: kept,
  GaussianNoise: kept,
  GaussianDropout: kept,
  AlphaDropout: kept,
  ActivityRegularization: kept,
  Rescaling: kept,
  Add: merge,
  Subtract: merge,
  Multiply: merge,
  Divide: merge,
  TrueDivide: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Concatenate: concatenate,
  CustomScaleLayer: merge,
  LayerScale: layerScale,
  Flatten: flatten,
  Reshape: { shape: reshaped },
  Permute: { shape: (settings, input) => permutation(settings, input.length).map((axis) => input[axis] ?? null) },
  RepeatVector: { shape: (settings, input) => [settings.integer("n"), ...ofRank(settings, input, 1)] },
  ZeroPadding1D: padded(1),
  ZeroPadding2D: padded(2),
  ZeroPadding3D: padded(3),
  Cropping1D: cropped(1),
  Cropping2D: cropped(2),
  Cropping3D: cropped(3),
  UpSampling1D: upsampled(1),
  UpSampling2D: upsampled(2),
  UpSampling3D: upsampled(3),
};
