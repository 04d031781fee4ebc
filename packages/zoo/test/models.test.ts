// Names, parameters and values of the models, against the published checkpoints and PyTorch.
import { Parameter, evaluating, inferAval, namedCells, pad, sizeOf, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { features, stateDict, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import {
  type KnownWeights,
  type ModelInfo,
  cifarResNet,
  create,
  lenet5,
  lenet5Info,
  listModels,
  modelInfo,
  resnet20,
  resnet20Info,
} from "../src/index.ts";

function parametersOf(model: object): number {
  return [...namedCells(model).values()]
    .filter((cell) => cell instanceof Parameter)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

describe("lenet5", () => {
  it("has the names and shapes of the reference", () => {
    expect([...stateDict(lenet5())].map(([path, { shape }]) => `${path} ${shape.join("x")}`)).toEqual([
      "conv1.weight 6x1x5x5",
      "conv1.bias 6",
      "conv2.weight 16x6x5x5",
      "conv2.bias 16",
      "fc1.weight 120x400",
      "fc1.bias 120",
      "fc2.weight 84x120",
      "fc2.bias 84",
      "fc3.weight 10x84",
      "fc3.bias 10",
    ]);
  });

  it("takes other channels and classes", () => {
    const model = lenet5({ inChannels: 3, numClasses: 4 });
    const y = inferAval((x) => model.forward(x), { shape: [2, 3, 32, 32], dtype: "float32" });
    expect(y.shape).toEqual([2, 4]);
  });

  it("reads MNIST's 28x28 as the same image with a border of zeros", async () => {
    await useBackend(reference());
    const model = lenet5();
    const small = tensor(
      Float32Array.from({ length: 784 }, (_, index) => Math.sin(index)),
      { shape: [1, 1, 28, 28] },
    );
    const bordered = pad(small, [
      [0, 0],
      [0, 0],
      [2, 2],
      [2, 2],
    ]);
    expect(await model.forward(small).array()).toEqual(await model.forward(bordered).array());
  });

  it("names the layer that an input does not fit", () => {
    const model = lenet5();
    stateDict(model);
    expect(() => inferAval((x) => model.fc1.forward(x), { shape: [2, 192], dtype: "float32" })).toThrow(
      /^fc1: matmul: /,
    );
  });
});

describe("resnet20", () => {
  it("has the names of the published checkpoint", () => {
    const keys = [...stateDict(resnet20()).keys()];
    expect(keys.slice(0, 8)).toEqual([
      "conv1.weight",
      "bn1.weight",
      "bn1.bias",
      "bn1.running_mean",
      "bn1.running_var",
      "bn1.num_batches_tracked",
      "layer1.0.conv1.weight",
      "layer1.0.bn1.weight",
    ]);
    expect(keys.slice(-2)).toEqual(["linear.weight", "linear.bias"]);
    expect(keys).toHaveLength(116);
  });

  it.each([
    [20, 269_722],
    [32, 464_154],
    [44, 658_586],
    [56, 853_018],
    [110, 1_727_962],
  ])("of depth %i has %i parameters", (depth, parameters) => {
    expect(parametersOf(cifarResNet(depth))).toBe(parameters);
  });

  it("refuses a depth that is not 6 n + 2", () => {
    expect(() => cifarResNet(21)).toThrow(/depth is 21/);
  });
});

describe.each<[ModelInfo, object]>([
  [lenet5Info, lenet5()],
  [resnet20Info, resnet20()],
])("$name", (info, model) => {
  it("has as many parameters as its metadata say", () => {
    expect(parametersOf(model)).toBe(info.parameters);
  });
});

/** What is not as it should be in an entry of published weights. */
function faultsOf({ url, sha256, licence, accuracy, numClasses, rename = [] }: KnownWeights): string[] {
  const first = sha256.length < 64; // then the publisher has the first digits in the file's name
  const expected: Readonly<Record<string, boolean>> = {
    address: /^https:\/\/\S+$/.test(url),
    hash: /^[0-9a-f]{8,64}$/.test(sha256) && (!first || new RegExp(`-${sha256}\\.\\w+$`).test(url)),
    licence: licence.trim() !== "",
    accuracy: accuracy.trim() !== "",
    classes: numClasses > 0,
    rename: rename.every(([pattern]) => new RegExp(pattern).source === pattern),
  };
  return Object.keys(expected).filter((what) => !expected[what]);
}

describe("the registry", () => {
  it("loads every model by its name, and it maps its input to what it is made for", async () => {
    for (const name of listModels()) {
      const info = await modelInfo(name);
      expect(info.name).toBe(name);
      const model = await create(name, info.numClasses === null ? {} : { numClasses: 7 });
      const dtype = info.vocabulary === undefined ? "float32" : "int32";
      const y = inferAval((x) => model.forward(x), { shape: [2, ...info.inputShape], dtype });
      expect(y.shape.slice(0, 2)).toEqual([2, info.numClasses === null ? info.inputShape[0] : 7]);
    }
  });

  it("lists the names it has", async () => {
    await expect(create("lenet6")).rejects.toThrow(/no model "lenet6".*lenet5/);
    await expect(modelInfo("lenet6")).rejects.toThrow(/no model "lenet6".*lenet5/);
  });

  it("returns stages instead of logits", async () => {
    const backbone = await create("resnet18", { inChannels: 1, stages: ["layer2", "layer4"] });
    const shapes = (["layer2", "layer4"] as const).map(
      (stage) =>
        inferAval((x) => evaluating(() => backbone.forward(x)[stage]), { shape: [1, 1, 64, 96], dtype: "float32" })
          .shape,
    );
    expect(shapes).toEqual([
      [1, 128, 8, 12],
      [1, 512, 2, 3],
    ]);
    await expect(create("lenet5", { stages: ["conv9"] })).rejects.toThrow(/no layer "conv9".*conv1/);
  });

  it("refuses an option that a model does not have", async () => {
    await expect(create("lenet5", { vocabulary: 4 })).rejects.toThrow(
      'lenet5: there is no option "vocabulary". Remedy: the options are numClasses, inChannels, stages.',
    );
  });

  it("the stages of every model are layers with the channels and strides told", async () => {
    for (const name of listModels()) {
      const { stages, inputShape, vocabulary } = await modelInfo(name);
      if (stages.length === 0) continue;
      const inputDType = vocabulary === undefined ? "float32" : "int32";
      const model = await create(name);
      // Where the mean of a map goes into each of its places, all see everything, and sizes that divide tell the stride.
      const squeezes = /^(mobilenet_v3|efficientnet|regnet_y)/.test(name);
      const shape = squeezes ? [3, 256, 256] : inputShape;
      const { rows } = summary(model, shape, { inputDType });
      const backbone = features(
        model,
        stages.map((stage) => stage.name),
      );
      const shapes = new Map<string, readonly number[]>();
      inferAval(
        (x) => {
          const maps = evaluating(() => backbone.forward(x));
          for (const [stage, map] of Object.entries(maps)) shapes.set(stage, map.shape);
          return x;
        },
        { shape: [1, ...shape], dtype: inputDType },
      );
      const found = stages.map(({ name: stage }) => {
        const inside = rows.filter(({ path }) => path === stage || path.startsWith(`${stage}.`));
        const fields = inside.flatMap(({ receptiveField }) => receptiveField?.at(-1) ?? []);
        // What unpooling puts back, at places that depend on the image, cannot be followed either.
        const [width = 0, smaller = 1] = [shape.at(-1), shapes.get(stage)?.at(-1)];
        const stride = squeezes || stage.startsWith("decoder.") ? width / smaller : fields.at(-1)?.jump;
        return { name: stage, channels: shapes.get(stage)?.[1], stride };
      });
      expect({ name, stages: found }).toEqual({ name, stages });
    }
  });

  it("published weights are told with an address, a hash and what they are worth", async () => {
    for (const name of listModels()) {
      const { weights } = await modelInfo(name);
      expect({ name, faults: weights.flatMap(faultsOf) }).toEqual({ name, faults: [] });
      for (const key of ["name", "url", "sha256"] as const)
        expect(new Set(weights.map((one) => one[key]))).toHaveLength(weights.length);
    }
  });

  it("the older names in DenseNet's files become those of the model", async () => {
    const [{ rename = [] } = {}] = (await modelInfo("densenet121")).weights;
    const keys = [...namedCells(await create("densenet121")).keys()];
    const older = keys.map((key) => key.replace(/(denselayer\d+\.(?:norm|conv))([12])/, "$1.$2"));
    expect(older).toContain("features.denseblock4.denselayer16.norm.2.running_var");
    const renamed = older.map((key) =>
      rename.reduce((one, [pattern, replacement]) => one.replace(new RegExp(pattern), replacement), key),
    );
    expect(renamed).toEqual(keys);
  });
});

it.each([
  [lenet5Info, () => summary(lenet5(), [1, 32, 32])],
  [resnet20Info, () => summary(resnet20(), [3, 32, 32])],
] as const)("the summary of $name has its published parameters and multiply-adds", (info, summed) => {
  expect(summed()).toMatchObject({ parameters: info.parameters, multiplyAdds: info.multiplyAdds });
});
