// Embedding, bilinear layer and weight normalisation, against PyTorch's figures.
import {
  Parameter,
  type Tensor,
  namedCells,
  setSeed,
  sizeOf,
  tensor,
  useBackend,
  valueAndGrad,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Bilinear,
  Conv2d,
  Embedding,
  Linear,
  ReLU,
  WeightNorm,
  conv2d,
  dense,
  embedding,
  flatten,
  initialisers,
  loadStateDict,
  sequential,
  stateDict,
  summary,
  weightNorm,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

/** sin(from), sin(from + 1), ...: what the figures below were made from. */
function waves(from: number, shape: readonly number[]): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => Math.sin(from + index)),
    { shape },
  );
}

async function distance(found: Tensor | undefined, wanted: readonly number[]): Promise<number> {
  const values = [...((await found?.data()) ?? [])];
  expect(values).toHaveLength(wanted.length);
  return Math.max(...wanted.map((value, index) => Math.abs(value - (values[index] ?? NaN))));
}

describe("Embedding", () => {
  it("reads rows; the row of padding is zero and stays so", async () => {
    const layer = new Embedding(4, 2, { paddingIndex: -3, weightInitialiser: initialisers.ones });
    const indices = tensor([[0, 1, 3]], { dtype: "int32" });
    expect(await layer.forward(indices).array()).toEqual([
      [
        [1, 1],
        [0, 0],
        [1, 1],
      ],
    ]);
    const { grads } = valueAndGrad(layer, (m) => m.forward(indices).sum());
    expect(await grads.get("weight")?.array()).toEqual([
      [1, 1],
      [0, 0],
      [0, 0],
      [1, 1],
    ]);
  });

  it("stands first in a list of layers", () => {
    const model = sequential([embedding(10, 3), flatten(), dense(2)], { inputShape: [5], inputDType: "int32" });
    expect(stateDict(model).get("2.weight")?.shape).toEqual([2, 15]);
    const { rows } = summary(model, [5], { inputDType: "int32" });
    expect(rows.map(({ outputShape, parameters }) => [outputShape, parameters])).toEqual([
      [[5, 3], 30],
      [[15], 0],
      [[2], 32],
    ]);
    expect(rows[2]?.receptiveField).toEqual([{ field: 5, jump: 1, start: 0 }]);
  });

  it("refuses what is not in the table", () => {
    expect(() => new Embedding(3, 2).forward(tensor([3], { dtype: "int32" }))).toThrow("index 3 at place 0");
    expect(() => new Embedding(3, 2, { paddingIndex: 3 })).toThrow("paddingIndex is 3");
    expect(() => new Embedding(0, 2)).toThrow("rows is 0");
  });
});

describe("Bilinear", () => {
  it("is a product of both inputs", async () => {
    const layer = new Bilinear(2, 3, 2);
    layer.weight.set(waves(0, [2, 2, 3]));
    layer.bias?.set(waves(12, [2]));
    // torch.nn.Bilinear(2, 3, 2)
    const wanted = [-0.6924305571540383, 0.3098081003538405, -0.6650930972402483, -0.044163317335819074];
    expect(await distance(layer.forward(waves(20, [2, 2]), waves(30, [2, 3])), wanted)).toBeLessThan(1e-6);
    expect(layer.forward(zeros([4, 5, 2]), zeros([4, 5, 3])).shape).toEqual([4, 5, 2]);
  });

  it("refuses inputs that do not go together", () => {
    expect(() => new Bilinear(2, 3, 2).forward(zeros([1, 2]), zeros([2, 3]))).toThrow("give [..., 2] and [..., 3]");
    expect(() => new Bilinear(2, 3, 0)).toThrow("outFeatures is 0");
  });
});

describe("WeightNorm", () => {
  // torch.nn.utils.weight_norm(torch.nn.Linear(3, 2), dim=...), g doubled: gradients of the output's sum by g and v
  const cases: readonly (readonly [number | null, readonly number[], readonly number[], readonly number[]])[] = [
    [
      0,
      [2, 1],
      [-1.0730144340564285, 0.9714079781232399],
      [
        -1.0880422217787395, -0.5423905572560677, 0.5019324842456225, -1.3109963641633586, -0.8043154353589338,
        0.44184939542382157,
      ],
    ],
    [
      1,
      [1, 3],
      [-0.5440211108893698, -0.0748122861050443, 0.02015017646436763],
      [-1.0880422217787395, -1.8887310753080273, -1.1008757310200887, 0, -2.100035884963702, -1.0439025227753866],
    ],
    [
      null,
      [],
      [-0.07722961789664902],
      [
        -1.0880422217787395, -1.9255226528459475, -0.992686436889266, -1.0755551842966702, -2.0669462619229626,
        -1.157996478548347,
      ],
    ],
  ];

  it.each(cases)("learns length and direction apart, along axis %s", async (axis, shape, ofLength, ofDirection) => {
    const linear = new Linear(3, 2);
    linear.weight.load(Float32Array.from({ length: 6 }, (_, index) => Math.sin(index)));
    linear.bias?.set(waves(6, [2]));
    const plain = linear.forward(waves(10, [1, 3]));
    linear.weight.load(Float32Array.from({ length: 6 }, (_, index) => Math.sin(index)));
    const layer = weightNorm(linear, { axis });
    expect([...namedCells(layer)].map(([path, cell]) => [path, cell.shape])).toEqual([
      ["weight_g", shape],
      ["weight_v", [2, 3]],
      ["bias", [2]],
    ]);
    expect(await distance(layer.forward(waves(10, [1, 3])), [...(await plain.data())])).toBeLessThan(1e-6);

    layer.weight_g.set(layer.weight_g.value.mul(2));
    expect(await distance(layer.forward(waves(10, [1, 3])), [-2.9381497332921565, 3.046097831208925])).toBeLessThan(
      1e-6,
    );
    const { grads } = valueAndGrad(layer, (m) => m.forward(waves(10, [1, 3])).sum());
    expect(await distance(grads.get("weight_g"), ofLength)).toBeLessThan(2e-6);
    expect(await distance(grads.get("weight_v"), ofDirection)).toBeLessThan(2e-6);
    expect(linear.weight.value.shape).toEqual([2, 3]); // no longer stood in for
  });

  it("wraps what a list of layers makes, and its products are counted", () => {
    const model = sequential([weightNorm(conv2d(4, 3)), new ReLU(), flatten(), weightNorm(dense(2))], {
      inputShape: [1, 4, 4],
    });
    expect([...stateDict(model).keys()].slice(0, 3)).toEqual(["0.weight_g", "0.weight_v", "0.bias"]);
    loadStateDict(model, stateDict(model));
    expect(summary(model, [1, 4, 4]).rows.map(({ kind, multiplyAdds }) => [kind, multiplyAdds])).toEqual([
      ["WeightNorm(Conv2d)", 4 * 4 * 9],
      ["ReLU", 0],
      ["Flatten", 0],
      ["WeightNorm(Linear)", 32],
    ]);
  });

  it("refuses a layer without a weight, an axis that is none, and a weight whose length nobody knows", () => {
    expect(() => new WeightNorm(new ReLU())).toThrow("no parameter named weight");
    expect(() => new WeightNorm(new Conv2d(1, 1, 3), { axis: 4 })).toThrow("the weight has no axis 4");
    const used = new Linear(2, 2);
    used.weight.set(used.weight.value.add(1)); // on the device now
    expect(() => new WeightNorm(used).forward(zeros([1, 2]))).toThrow("wrap the layer before it is used");
    expect(() => new Parameter([2], initialisers.ones).standIn(zeros([3]), () => 0)).toThrow("cannot stand for");
  });
});
