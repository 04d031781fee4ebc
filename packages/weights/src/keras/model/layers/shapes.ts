// Layers without weights: activations, joins, moves of axes, padding, resizing, dropout.
import {
  ModeError,
  type Tensor,
  add,
  bernoulli,
  broadcastTo,
  concat,
  div,
  isTraining,
  maximum,
  minimum,
  mul,
  pad,
  reshape,
  slice,
  sub,
  transpose,
} from "@stria/core";
import { interpolate, placeOf } from "@stria/layers";
import type { KerasActivation, Settings } from "../../topology/settings.ts";
import { permutation, reshaped } from "../../topology/rules/shapes.ts";
import { activation } from "../activations.ts";
import type { Build, Builder, Compute } from "../build.ts";
import { isTurned } from "../flatten.ts";
import { type Layout, axisIn, inLayout, range } from "../layout.ts";

/** A computation of one tensor. */
function ofOne({ settings }: Build, compute: (x: Tensor, layout: Layout) => Tensor): Compute {
  return ([x], layout) => (x ? compute(x, layout) : settings.fail("is given no tensor"));
}

/** A layer that is an activation; its own settings are the activation's. */
function activationLayer(given: (settings: Settings) => KerasActivation): Builder {
  return (build) => ofOne(build, activation(build.settings, given(build.settings), build.version));
}

const own = (name: string): Builder => activationLayer(({ layer }) => ({ name, settings: layer.config }));

/** Keras 2 calls the slope alpha, and has another default. */
const leaky = activationLayer((settings) => {
  const slope = settings.number("negative_slope", settings.number("alpha", 0.3));
  return { name: "leaky_relu", settings: { negative_slope: slope } };
});

const reluLayer = activationLayer(({ layer: { config } }) => ({
  name: "relu",
  settings: Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null)),
}));

/** Joins two at a time, from left to right; numbers stand where the config has them. */
function joined(
  join: (a: Tensor, b: Tensor) => Tensor,
  finish: (x: Tensor, count: number) => Tensor = (x) => x,
): Builder {
  return ({ settings }) =>
    (inputs) => {
      const [first, ...rest] = inputs;
      return first ? finish(rest.reduce(join, first), inputs.length) : settings.fail("is given no tensor");
    };
}

/** The first and a share of the second, of Inception-ResNet. */
const scaled: Builder = ({ settings }) => {
  const scale = settings.number("scale");
  return ([x, residual]) =>
    x && residual ? add(x, mul(residual, scale)) : settings.fail("is given fewer than two tensors");
};

const concatenate: Builder = ({ settings, input }) => {
  const axis = settings.axis(settings.value("axis") ?? -1, input.length);
  return (inputs, layout) => concat([...inputs], axisIn(layout, axis, input.length));
};

/** Channels first where the Dense layers behind have weights for that; else as Keras does it, channels last. */
const flatten: Builder = (build) => {
  const turns = isTurned(build.settings.layer);
  return ofOne(build, (x, layout) => {
    const last = turns && layout === "plain" && x.rank > 2 ? inLayout({ tensor: x, layout: "first" }, "plain") : x;
    return reshape(last, [x.shape[0] ?? 1, x.shape.slice(1).reduce((size, length) => size * length, 1)]);
  });
};

const reshapeTo: Builder = (build) =>
  ofOne(build, (x) => {
    const target = reshaped(build.settings, x.shape.slice(1)).map((length) => length ?? 1);
    return reshape(x, [x.shape[0] ?? 1, ...target]);
  });

const permute: Builder = (build) => {
  const order = permutation(build.settings, build.input.length);
  return ofOne(build, (x) => transpose(x, [0, ...order.map((axis) => axis + 1)]));
};

const repeat: Builder = (build) => {
  const count = build.settings.integer("n");
  return ofOne(build, (x) => {
    const [batch = 1, features = 1] = x.shape;
    return broadcastTo(reshape(x, [batch, 1, features]), [batch, count, features]);
  });
};

const zeroPadding =
  (spatial: number): Builder =>
  (build) => {
    const pairs = build.settings.pairs("padding", spatial);
    return ofOne(build, (x) => pad(x, [[0, 0], [0, 0], ...pairs]));
  };

const cropping =
  (spatial: number): Builder =>
  (build) => {
    const pairs = build.settings.pairs("cropping", spatial);
    return ofOne(build, (x) => {
      const lengths = pairs.map(([before, after], axis) => (x.shape[axis + 2] ?? 0) - before - after);
      return slice(x, [0, 0, ...pairs.map(([before]) => before)], [...x.shape.slice(0, 2), ...lengths]);
    });
  };

const upsampling =
  (spatial: number): Builder =>
  (build) => {
    const { settings } = build;
    const factors = settings.sizes(
      "size",
      spatial,
      range(spatial).map(() => 2),
    );
    const mode = settings.choice("interpolation", ["nearest", "bilinear"], "nearest");
    return ofOne(build, (x) => {
      const size = factors.map((factor, axis) => (x.shape[axis + 2] ?? 0) * factor);
      return interpolate(x, { size, mode: mode === "nearest" ? "nearest" : "linear" });
    });
  };

/** `shapeOf` says over which axes what is dropped is drawn once. */
function dropout(shapeOf: (x: Tensor) => number[]): Builder {
  return (build) => {
    const rate = build.settings.number("rate", 0);
    if (!(rate >= 0 && rate <= 1)) build.settings.fail(`drops with probability ${rate}`);
    return ofOne(build, (x) => {
      const layer = build.layer();
      const place = placeOf(layer, build.settings.layer.className);
      if (rate === 0 || !isTraining(layer, place)) return x;
      return rate === 1 ? mul(x, 0) : mul(mul(x, bernoulli(shapeOf(x), 1 - rate, place)), 1 / (1 - rate));
    });
  };
}

const spatialDropout = dropout((x) => x.shape.map((length, axis) => (axis < 2 ? length : 1)));

/** What does something in training alone that is not supported there. */
const evaluationOnly: Builder = (build) =>
  ofOne(build, (x) => {
    const layer = build.layer();
    const { className } = build.settings.layer;
    if (isTraining(layer, placeOf(layer, className)))
      throw new ModeError(
        placeOf(layer, className),
        "cannot be trained through",
        "evaluate, or put another dropout in its place",
      );
    return x;
  });

const rescaling: Builder = (build) => {
  const [scale, offset] = [build.settings.number("scale"), build.settings.number("offset", 0)];
  return ofOne(build, (x) => add(mul(x, scale), offset));
};

/** Builders of the layers without weights. */
export const shapeBuilders: Readonly<Record<string, Builder>> = {
  Activation: (build) => ofOne(build, activation(build.settings, build.settings.activation(), build.version)),
  ReLU: reluLayer,
  LeakyReLU: leaky,
  ELU: own("elu"),
  ThresholdedReLU: own("threshold_relu"),
  Softmax: own("softmax"),
  Dropout: dropout((x) => [...x.shape]),
  SpatialDropout1D: spatialDropout,
  SpatialDropout2D: spatialDropout,
  SpatialDropout3D: spatialDropout,
  GaussianNoise: evaluationOnly,
  GaussianDropout: evaluationOnly,
  AlphaDropout: evaluationOnly,
  ActivityRegularization: (build) => ofOne(build, (x) => x),
  Rescaling: rescaling,
  Add: joined(add),
  Subtract: joined(sub),
  Multiply: joined(mul),
  Divide: joined(div),
  TrueDivide: joined(div),
  Average: joined(add, (x, count) => div(x, count)),
  Maximum: joined(maximum),
  Minimum: joined(minimum),
  Concatenate: concatenate,
  CustomScaleLayer: scaled,
  Flatten: flatten,
  Reshape: reshapeTo,
  Permute: permute,
  RepeatVector: repeat,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  UpSampling1D: upsampling(1),
  UpSampling2D: upsampling(2),
  UpSampling3D: upsampling(3),
};
