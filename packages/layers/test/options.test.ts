// Options that there are not, words that mean nothing, and layers where a function should stand: refused by name, where a layer is made.
import { AttributeError, ones, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it, test } from "vitest";
import * as layers from "../src/index.ts";

beforeEach(() => useBackend(reference()));

/** As a program in JavaScript would pass it. */
const given = (value: unknown): never => value as never;

const {
  AvgPool2d,
  BatchNorm2d,
  Bilinear,
  CausalConv1d,
  Conv2d,
  ConvTranspose2d,
  DepthwiseConv2d,
  Embedding,
  GRU,
  GRUCell,
  GroupNorm,
  InstanceNorm2d,
  LSTM,
  LSTMCell,
  LayerNorm,
  Linear,
  LocalResponseNorm,
  LpPool,
  MaxPool2d,
  Pad,
  RMSNorm,
  RNN,
  RNNCell,
  ReLU,
  Residual,
  SeparableConv2d,
  StochasticPool,
  Upsample,
  WeightNorm,
  Identity,
  conv2d,
  gelu,
  relu,
  sequential,
} = layers;

test.each<[name: string, of: (options: never) => unknown]>([
  ["Conv2d", (options) => new Conv2d(1, 1, 1, options)],
  ["ConvTranspose2d", (options) => new ConvTranspose2d(1, 1, 1, options)],
  ["DepthwiseConv2d", (options) => new DepthwiseConv2d(1, 1, options)],
  ["DepthwiseConv2d", (options) => new SeparableConv2d(1, 1, 1, options)],
  ["CausalConv1d", (options) => new CausalConv1d(1, 1, 1, options)],
  ["Linear", (options) => new Linear(1, 1, options)],
  ["Bilinear", (options) => new Bilinear(1, 1, 1, options)],
  ["BatchNorm2d", (options) => new BatchNorm2d(1, options)],
  ["InstanceNorm2d", (options) => new InstanceNorm2d(1, options)],
  ["GroupNorm", (options) => new GroupNorm(1, 1, options)],
  ["LayerNorm", (options) => new LayerNorm(1, options)],
  ["RMSNorm", (options) => new RMSNorm(1, options)],
  ["LocalResponseNorm", (options) => new LocalResponseNorm(1, options)],
  ["WeightNorm", (options) => new WeightNorm(new Linear(1, 1), options)],
  ["MaxPool2d", (options) => new MaxPool2d(1, options)],
  ["AvgPool2d", (options) => new AvgPool2d(1, options)],
  ["LpPool", (options) => new LpPool(1, 1, options)],
  ["StochasticPool", (options) => new StochasticPool(1, options)],
  ["Embedding", (options) => new Embedding(1, 1, options)],
  ["RNN", (options) => new RNN(1, 1, options)],
  ["GRU", (options) => new GRU(1, 1, options)],
  ["LSTM", (options) => new LSTM(1, 1, options)],
  ["RNNCell", (options) => new RNNCell(1, 1, options)],
  ["GRUCell", (options) => new GRUCell(1, 1, options)],
  ["LSTMCell", (options) => new LSTMCell(1, 1, options)],
  ["Pad", (options) => new Pad(1, options)],
  ["Residual", (options) => new Residual(new Identity(), options)],
  ["sequential", (options) => sequential([], options)],
])("%s refuses an option that there is not", (name, of) => {
  expect(() => of(given({ colour: 1 }))).toThrow(AttributeError);
  expect(() => of(given({ colour: 1 }))).toThrow(`${name}: there is no option "colour". Remedy: the options are `);
  expect(() => of(given({ colour: undefined }))).not.toThrow();
});

describe("the nearest name", () => {
  it.each([
    [{ strides: 2 }, "use stride; the options are stride, padding, paddingMode, dilation, groups, bias,"],
    [{ padding_mode: "reflect" }, "use paddingMode;"],
    [{ Bias: false }, "use bias;"],
  ])("of %o", (options, remedy) => {
    expect(() => new Conv2d(1, 1, 3, given(options))).toThrow(remedy);
    expect(() => sequential([conv2d(1, 3, given(options))], { inputShape: [1, 4, 4] })).toThrow(remedy);
  });
  it("is left out where none is near", () => {
    expect(() => new Conv2d(1, 1, 3, given({ kernelSize: 3 }))).toThrow(/Remedy: the options are stride/);
  });
});

test("numbers and words in the place of the options are refused", () => {
  expect(() => new Conv2d(1, 1, 3, given(2))).toThrow(
    "Conv2d: 2 stands where the options should. Remedy: pass them by name, as { stride: ... }",
  );
  expect(() => new Linear(1, 1, given("relu"))).toThrow('Linear: "relu" stands where the options should');
  expect(() => new Linear(1, 1, given(relu))).toThrow("Linear: the function relu stands where the options should");
  expect(() => new MaxPool2d(2, given(null))).toThrow("MaxPool2d: null stands where the options should");
});

describe("an activation", () => {
  const made = (activation: unknown): unknown => new Linear(2, 2, { activation: given(activation) });
  it.each([
    ["a factory", relu, "Linear: activation is the function relu, which makes a layer. Remedy: give a name"],
    ["a layer", new ReLU(), "Linear: activation is the layer ReLU. Remedy: give a name"],
    ["a class", ReLU, "Linear: activation is the class ReLU. Remedy: give a name"],
    ["another word", "Relu", 'Linear: activation is "Relu". Remedy: use "relu"; the words are "identity", "relu"'],
    ["no word", 3, "Linear: activation is 3. Remedy: the words are"],
  ])("that is %s", (_, activation, message) => {
    expect(() => made(activation)).toThrow(AttributeError);
    expect(() => made(activation)).toThrow(message);
  });
  it.each([
    ["Conv2d", (activation: never) => new Conv2d(1, 1, 1, { activation })],
    ["ConvTranspose2d", (activation: never) => new ConvTranspose2d(1, 1, 1, { activation })],
    ["Residual", (activation: never) => new Residual(new Identity(), { activation })],
    ["residual", (activation: never) => layers.residual([], { activation })],
  ])("of %s", (name, of) => {
    expect(() => of(given(relu))).toThrow(`${name}: activation is the function relu, which makes a layer`);
  });
  it("that gives no tensor is told when it is called", () => {
    const layer = new Linear(2, 2, { activation: given(() => new ReLU()) });
    expect(() => layer.forward(ones([1, 2]))).toThrow("activation is a function that gives no tensor");
  });
  it("may be a function from tensor to tensor", async () => {
    const layer = new Linear(2, 1, { activation: gelu, bias: false });
    layer.weight.load(Float32Array.of(0.5, 0.5));
    expect((await layer.forward(ones([1, 2])).data())[0]).toBeCloseTo(0.8413447, 6); // 1 times the normal distribution at 1
  });
});

describe("in a list of layers", () => {
  it.each([
    ["relu", 'entry 0 is "relu"'],
    [gelu, "a function that makes a layer stands where the layer should. Remedy: call it: gelu() in place of gelu"],
  ])("%s is refused", (entry, message) => {
    expect(() => sequential([given(entry)], { inputShape: [2] })).toThrow(AttributeError);
    expect(() => sequential([given(entry)], { inputShape: [2] })).toThrow(message);
  });
});

test.each<[what: string, of: () => unknown, message: string]>([
  [
    "a convolution's padding",
    () => new Conv2d(1, 1, 3, { paddingMode: given("reflected") }),
    'paddingMode is "reflected"',
  ],
  ["padding", () => new Pad(1, { mode: given("reflection") }), 'Pad: mode is "reflection"'],
  ["a recurrent layer", () => new RNN(1, 1, { nonlinearity: given("gelu") }), 'RNN: nonlinearity is "gelu"'],
  ["a recurrent cell", () => new RNNCell(1, 1, { nonlinearity: given("Tanh") }), 'use "tanh"'],
  ["resizing", () => new Upsample({ size: 2, mode: given("bilinear") }), 'interpolate: mode is "bilinear"'],
  ["resizing by name", () => new Upsample(given({ size: 2, align_corners: true })), "use alignCorners"],
  [
    "sampling at a grid",
    () => layers.gridSample(ones([1, 1, 2, 2]), ones([1, 2, 2, 2]), { mode: given("bilinear") }),
    'gridSample: mode is "bilinear"',
  ],
  [
    "a loss",
    () => layers.mseLoss(ones([2]), ones([2]), { reduction: given("average") }),
    'loss: reduction is "average"',
  ],
  ["a gain", () => layers.initialisers.gainOf(given("leaky_relu")), 'use "leakyRelu"'],
])("a word that means nothing, in %s", (_, of, message) => {
  expect(of).toThrow(AttributeError);
  expect(of).toThrow(message);
});
