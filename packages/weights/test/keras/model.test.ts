// Keras models built from configs: what no golden has, against closed forms; errors by the layer's name; training.
import {
  FormatError,
  Parameter,
  type StoredTensor,
  type Tensor,
  evaluating,
  namedCells,
  sum,
  tensor,
  training,
  useBackend,
  valueAndGrad,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { stateDict } from "@stria/layers";
import { type Json, type KerasFile, kerasModel, kerasWeights, readTopology } from "@stria/weights/keras";
import { beforeAll, describe, expect, test } from "vitest";
import { counting, floats } from "./hdf5-file.ts";

beforeAll(async () => {
  await useBackend(reference());
});

interface Config {
  [key: string]: Json;
}
const layer = (className: string, name: string, config: Config = {}): Json => ({
  class_name: className,
  config: { ...config, name },
});

type Data = ReturnType<typeof floats>;

/** A Sequential with its weights. */
function file(
  shape: (number | null)[],
  layers: Json[],
  weights: Record<string, Data> = {},
  version?: string,
): KerasFile {
  const input = layer("InputLayer", "input", { batch_shape: [null, ...shape] });
  const stored = Object.entries(weights).map(([name, data]): [string, StoredTensor] => [
    name,
    { shape: data.shape, storedAs: "F32", bytes: data.bytes },
  ]);
  return {
    topology: readTopology({ class_name: "Sequential", config: { name: "net", layers: [input, ...layers] } }),
    tensors: new Map(stored),
    source: "net.keras",
    ...(version !== undefined && { version }),
  };
}

async function run(saved: KerasFile, x: Tensor): Promise<number[]> {
  return [...(await evaluating(() => kerasModel(saved).forward(x)).data())];
}

/** Numbers that no symmetry hides. */
const uneven = (...shape: number[]): Tensor => {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    Array.from({ length: size }, (_, index) => Math.sin(3 * index + 1)),
    { shape },
  );
};

describe("borders as TensorFlow has them", () => {
  test("an average over a border does not count what is beyond", async () => {
    const pool = layer("AveragePooling2D", "pool", { pool_size: [3, 2], strides: [2, 2], padding: "same" });
    const ones = tensor(
      Array.from({ length: 5 * 4 * 2 }, () => 1),
      { shape: [1, 5, 4, 2] },
    );
    expect(await run(file([5, 4, 2], [pool]), ones)).toEqual(Array.from({ length: 3 * 2 * 2 }, () => 1));
    // [1 2 3 4] by 3, stride 2: one zero is added, after: mean(1 2 3), mean(3 4).
    const line = layer("AveragePooling1D", "pool", { pool_size: 3, strides: 2, padding: "same" });
    const [first, second] = await run(file([4, 1], [line]), tensor([1, 2, 3, 4], { shape: [1, 4, 1] }));
    expect(first).toBeCloseTo(2, 5);
    expect(second).toBeCloseTo(3.5, 5);
  });

  test.each([
    [7, 3, 2],
    [8, 3, 2],
    [7, 4, 2],
    [9, 2, 3],
    [5, 5, 3],
    [6, 1, 2],
  ])(
    "a transposed convolution is the transpose of the convolution: length %i, kernel %i, stride %i",
    async (length, kernel, strides) => {
      const weights = {
        "c/kernel": floats([kernel, 1, 1], ...Array.from({ length: kernel }, (_, index) => 1 + index)),
      };
      const settings = { filters: 1, kernel_size: [kernel], strides: [strides], padding: "same", use_bias: false };
      const places = Math.ceil(length / strides);
      const [x, y] = [uneven(1, places * strides, 1), uneven(1, places, 1)];
      const down = await run(file([places * strides, 1], [layer("Conv1D", "c", settings)], weights), x);
      const up = await run(file([places, 1], [layer("Conv1DTranspose", "c", settings)], weights), y);
      const dot = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((total, value, index) => total + value * (b[index] ?? Number.NaN), 0);
      expect(dot(down, [...(await y.data())])).toBeCloseTo(dot([...(await x.data())], up), 5);
    },
  );

  test("an output padding chooses the length", () => {
    const settings = { filters: 1, kernel_size: 3, strides: 2, padding: "same", use_bias: false, output_padding: 1 };
    const saved = file([5, 1], [layer("Conv1DTranspose", "c", settings)], { "c/kernel": counting(3, 1, 1) });
    expect(evaluating(() => kerasModel(saved).forward(uneven(1, 5, 1))).shape).toEqual([1, 10, 1]);
  });
});

test("hard_sigmoid is another function in Keras 3", async () => {
  const layers = [layer("Activation", "a", { activation: "hard_sigmoid" })];
  const x = tensor([1], { shape: [1, 1] });
  expect(await run(file([1], layers, {}, "2.15.0"), x)).toEqual([Math.fround(0.7)]);
  expect((await run(file([1], layers, {}, "3.15.1"), x))[0]).toBeCloseTo(4 / 6, 6);
});

describe("weights behind a flatten", () => {
  const dense = { "d/kernel": counting(12, 1) };
  const after = (...between: Json[]): Json[] => [
    layer("MaxPooling2D", "p", { pool_size: 1 }),
    layer("Flatten", "f"),
    ...between,
    layer("Dense", "d", { units: 1, use_bias: false }),
  ];
  const kernelOf = (saved: KerasFile): number[] => [...(kerasWeights(saved).get("d.weight")?.data ?? [])];
  // Channels last [2, 3, 2]: pixel p, channel c is row 2 p + c.
  const moved = [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11];

  test("of maps are put into the order of channels-first maps, through elementwise layers too", () => {
    expect(kernelOf(file([2, 3, 2], after(), dense))).toEqual(moved);
    expect(kernelOf(file([2, 3, 2], after(layer("Dropout", "o", { rate: 0.5 }), layer("ReLU", "r")), dense))).toEqual(
      moved,
    );
  });

  test("stay where something else reads the flattened maps", async () => {
    const softmax = after(layer("Activation", "s", { activation: "linear" }), layer("Softmax", "t"));
    expect(kernelOf(file([2, 3, 2], softmax, dense))).toEqual([...moved.keys()]);
    const x = uneven(2, 2, 3, 2);
    const direct = await run(file([2, 3, 2], after(), dense), x);
    const kept = await run(file([2, 3, 2], after(layer("Reshape", "e", { target_shape: [12] })), dense), x);
    expect(kept.map((value, index) => Math.abs(value - (direct[index] ?? Number.NaN)) < 1e-5)).toEqual([true, true]);
  });
});

describe("training", () => {
  test("a Keras model has gradients, and what Keras does not train has none", () => {
    const dense = layer("Dense", "a", { units: 2, use_bias: false, trainable: false });
    const saved = file([3], [dense, layer("Dense", "b", { units: 1, use_bias: false })], {
      "a/kernel": counting(3, 2),
      "b/kernel": counting(2, 1),
    });
    const model = kerasModel(saved);
    const { layers } = model;
    expect(Object.keys(layers)).toEqual(["a", "b"]);
    expect([...stateDict(model).keys()]).toEqual(["layers.a.weight", "layers.b.weight"]);
    const trainable = [...namedCells(model).values()].map((cell) => cell instanceof Parameter && cell.trainable);
    expect(trainable).toEqual([false, true]);
  });

  test("batch normalisation moves its statistics by Keras' momentum, and keeps them where it is frozen", async () => {
    const one = (name: string): Record<string, Data> => ({
      [`${name}/gamma`]: floats([1], 1),
      [`${name}/beta`]: floats([1], 0),
      [`${name}/moving_mean`]: floats([1], 0),
      [`${name}/moving_variance`]: floats([1], 1),
    });
    const norm = (trainable: boolean): Json => layer("BatchNormalization", "n", { momentum: 0.75, trainable });
    const x = tensor([2, 6], { shape: [2, 1] });
    for (const [trainable, mean, variance] of [
      [true, 1, 1.75], // 0.75 old + 0.25 of mean 4 and variance 4
      [false, 0, 1],
    ] as const) {
      const model = kerasModel(file([1], [norm(trainable)], one("n")));
      training(() => model.forward(x));
      const state = stateDict(model);
      expect([...((await state.get("layers.n.running_mean")?.data()) ?? [])]).toEqual([mean]);
      expect([...((await state.get("layers.n.running_var")?.data()) ?? [])]).toEqual([variance]);
    }
  });

  test("dropout drops in training alone; of maps whole channels", async () => {
    const model = kerasModel(file([4, 4, 8], [layer("SpatialDropout2D", "d", { rate: 0.5 })]));
    const x = tensor(
      Array.from({ length: 128 }, () => 1),
      { shape: [1, 4, 4, 8] },
    );
    expect([...(await evaluating(() => model.forward(x)).data())]).toEqual([...(await x.data())]);
    const found = [...(await training(() => model.forward(x)).data())];
    expect(new Set(found)).toEqual(new Set([0, 2]));
    expect(found.every((value, index) => value === found[index % 8])).toBe(true);
  });

  test("noise layers are for evaluation", () => {
    const model = kerasModel(file([3], [layer("GaussianNoise", "noise", { stddev: 1 })]));
    expect(evaluating(() => model.forward(zeros([1, 3]))).shape).toEqual([1, 3]);
    expect(() => training(() => model.forward(zeros([1, 3])))).toThrow(/cannot be trained through/u);
  });
});

describe("errors name the layer", () => {
  const vocabulary = { "e/embeddings": counting(5, 2) };
  test.each([
    [
      "an unknown activation",
      [4],
      [layer("Activation", "a", { activation: "magic" })],
      {},
      'has the activation "magic", which is not known',
    ],
    [
      "masks",
      [4],
      [layer("Embedding", "e", { input_dim: 5, output_dim: 2, mask_zero: true })],
      vocabulary,
      "masks zeros",
    ],
    [
      "state that is kept",
      [4, 1],
      [layer("SimpleRNN", "r", { units: 1, use_bias: false, stateful: true })],
      { "r/kernel": counting(1, 1), "r/recurrent_kernel": counting(1, 1) },
      "is stateful",
    ],
    [
      "several axes of a softmax",
      [4, 4],
      [layer("Softmax", "s", { axis: [1, 2] })],
      {},
      "is a softmax over several axes",
    ],
    [
      "an axis in the middle",
      [2, 3, 4],
      [layer("BatchNormalization", "n", { axis: 2 })],
      { "n/gamma": counting(3), "n/beta": counting(3), "n/moving_mean": counting(3), "n/moving_variance": counting(3) },
      "neither the first nor the last",
    ],
    [
      "another interpolation",
      [4, 4, 1],
      [layer("UpSampling2D", "u", { interpolation: "bicubic" })],
      {},
      'has interpolation set to "bicubic", not one of nearest, bilinear',
    ],
  ] as [string, number[], Json[], Record<string, Data>, string][])("%s", (_, shape, layers, weights, fault) => {
    const saved = file(shape, layers, weights);
    const attempt = (): void => void evaluating(() => kerasModel(saved).forward(zeros([1, ...shape])));
    expect(attempt).toThrow(FormatError);
    expect(attempt).toThrow(fault);
  });

  test("inputs that do not fit", () => {
    const saved = file([4, 6, 3], [layer("MaxPooling2D", "p")]);
    expect(() => kerasModel(saved).forward(zeros([1, 3, 4, 6]))).toThrow(
      "give [batch, 4, 6, 3], or choose another layout",
    );
    const model = kerasModel(saved, { layout: "channelsFirst" });
    expect(() => model.forward(zeros([1, 4, 6, 3]))).toThrow("give [batch, 3, 4, 6]");
    expect(() => model.forward()).toThrow("is given 0 tensors. Remedy: give 1");
    expect(evaluating(() => model.forward(zeros([1, 3, 4, 6]))).shape).toEqual([1, 3, 2, 3]);
  });

  test("weights that are missing", () => {
    expect(() => kerasModel(file([4], [layer("Dense", "d", { units: 2 })]))).toThrow('there is no "d/kernel"');
  });

  test("a model with several results is called for all of them", () => {
    const saved = file([4], [layer("ReLU", "r")]);
    const { topology } = saved;
    if (!topology) throw new Error("it has a config");
    const outputs = [...topology.outputs, ...topology.inputs];
    const model = kerasModel({ ...saved, topology: { ...topology, outputs } });
    expect(() => model.forward(zeros([1, 4]))).toThrow("has 2 results. Remedy: call outputs(...)");
    expect(model.outputs(zeros([1, 4]))).toHaveLength(2);
  });
});

test("what a Keras model computes can be differentiated", async () => {
  const saved = file([2], [layer("Dense", "d", { units: 1, activation: "sigmoid", use_bias: false })], {
    "d/kernel": floats([2, 1], 0.5, -0.25),
  });
  const model = kerasModel(saved);
  const x = tensor([1, 2], { shape: [1, 2] });
  const { grads } = training(() => valueAndGrad(model, (net) => sum(net.forward(x))));
  // sigmoid(0)' = 1/4 times the input.
  expect([...((await grads.get("layers.d.weight")?.data()) ?? [])]).toEqual([0.25, 0.5]);
});
