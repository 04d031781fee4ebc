// Modules, layers and state dicts: names, shapes, modes, values by hand and from PyTorch, errors.
import {
  type Initialiser,
  Parameter,
  type Tensor,
  compile,
  evaluating,
  namedCells,
  relu,
  setSeed,
  sizeOf,
  streamKey,
  tensor,
  training,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import {
  AvgPool2d,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Linear,
  MaxPool2d,
  Module,
  type Sequential,
  batchNorm2d,
  conv2d,
  dense,
  flatten,
  globalAvgPool,
  initialisers,
  loadStateDict,
  maxPool2d,
  sequential,
  stateDict,
} from "../src/index.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

function ramp(shape: readonly number[], from = 0, step = 1): Tensor {
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, index) => from + index * step),
    { shape },
  );
}

async function numbers(x: Tensor | undefined): Promise<number[]> {
  return [...((await x?.data()) ?? [])];
}

function expectClose(found: readonly number[], wanted: readonly number[], digits = 5): void {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) expect(found[index], `element ${index}`).toBeCloseTo(value, digits);
}

describe("Module", () => {
  class Block extends Module {
    readonly conv = new Conv2d(2, 2, 1, { bias: false });
    readonly bn = new BatchNorm2d(2);
    override forward(x: Tensor): Tensor {
      return relu(this.bn.forward(this.conv.forward(x)));
    }
  }
  class Net extends Module {
    readonly layer1 = [new Block(), new Block()];
    readonly heads = { left: new Linear(2, 1), right: new Linear(2, 1) };
    readonly scale = new Parameter([1], initialisers.ones);
    override forward(x: Tensor): Tensor {
      return this.layer1.reduce((y, block) => block.forward(y), x);
    }
  }

  it("finds parameters and state through fields, arrays and objects, in the order of the fields", () => {
    expect([...stateDict(new Net()).keys()]).toEqual([
      ...[0, 1].flatMap((index) =>
        ["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"].map(
          (name) => `layer1.${index}.${name}`,
        ),
      ),
      "heads.left.weight",
      "heads.left.bias",
      "heads.right.weight",
      "heads.right.bias",
      "scale",
    ]);
  });

  it("lists a shared module under each of its paths, as PyTorch does", () => {
    const shared = new Linear(2, 2);
    class Tied extends Module {
      readonly first = shared;
      readonly second = shared;
      override forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    expect([...stateDict(new Tied()).keys()]).toEqual(["first.weight", "first.bias", "second.weight", "second.bias"]);
    expect([...namedCells(new Tied()).keys()]).toEqual(["first.weight", "first.bias"]);
  });

  it("starts with the same values wherever a layer stands in the order of construction", async () => {
    const [one, other] = [new Net(), new Net()];
    stateDict(other.heads.left);
    expect(await numbers(stateDict(one).get("layer1.1.conv.weight"))).toEqual(
      await numbers(stateDict(other).get("layer1.1.conv.weight")),
    );
    setSeed(2);
    expect(await numbers(stateDict(new Net()).get("layer1.1.conv.weight"))).not.toEqual(
      await numbers(stateDict(one).get("layer1.1.conv.weight")),
    );
  });
});

describe("sequential", () => {
  const build = (): Sequential =>
    sequential(
      [conv2d(8, 5, { activation: "relu" }), batchNorm2d(), maxPool2d(2), conv2d(4, 3), globalAvgPool(), dense(10)],
      { inputShape: [3, 32, 32] },
    );

  it("works out every size after the first, with PyTorch's keys", () => {
    const shapes = [...stateDict(build())].map(([path, { shape }]) => `${path} ${shape.join("x")}`);
    expect(shapes).toEqual([
      "0.weight 8x3x5x5",
      "0.bias 8",
      "1.weight 8",
      "1.bias 8",
      "1.running_mean 8",
      "1.running_var 8",
      "1.num_batches_tracked ",
      "3.weight 4x8x3x3",
      "3.bias 4",
      "5.weight 10x4",
      "5.bias 10",
    ]);
  });

  it("does not disturb the first values of its layers by looking at their shapes", async () => {
    const plain = new Conv2d(3, 8, 5);
    namedCells([plain]); // names them "0.weight" and "0.bias"
    expect(await numbers(stateDict(build()).get("0.weight"))).toEqual(await numbers(plain.weight.value));
  });

  it("says which layer does not fit, when it is built", () => {
    expect(() => sequential([conv2d(8, 5), new Conv2d(3, 4, 3)], { inputShape: [3, 32, 32] })).toThrow(
      /^1\.Conv2d: conv: the input has 8 channels/,
    );
    expect(() => sequential([conv2d(8, 5), dense(10)], { inputShape: [3, 32, 32] })).toThrow(
      /^1: dense: its input is \[8, 28, 28\] for each example.*flatten\(\)/,
    );
    expect(() => sequential([conv2d(8, 40)], { inputShape: [3, 32, 32] })).toThrow(/a kernel of 40 does not fit/);
    expect(() => sequential([dense(10)])).toThrow(/pass \{ inputShape/);
  });

  it("takes layers that are built already, without a shape", () => {
    const model = sequential([new Linear(4, 3), new Linear(3, 2)]);
    expect(model).toHaveLength(2);
    expect([...model]).toHaveLength(2);
    expect([...stateDict(model).keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });
});

describe("layers, by hand", () => {
  it("Linear is x weight' + bias", async () => {
    const layer = new Linear(2, 3, { activation: "relu" });
    layer.weight.load(Float32Array.of(1, 2, 3, 4, -5, -6));
    layer.bias?.load(Float32Array.of(10, 20, 30));
    expect(
      await numbers(
        layer.forward(
          tensor([
            [1, 1],
            [2, 3],
          ]),
        ),
      ),
    ).toEqual([13, 27, 19, 18, 38, 2]);
    expect(layer.forward(ramp([2, 5, 2])).shape).toEqual([2, 5, 3]);
  });

  it("Conv2d takes stride, padding, dilation, groups and an activation", async () => {
    const layer = new Conv2d(2, 2, 2, {
      stride: 2,
      padding: [
        [1, 0],
        [0, 1],
      ],
      groups: 2,
      bias: false,
    });
    layer.weight.load(Float32Array.of(1, 0, 0, 1, 2, 0, 0, 0));
    expect(layer.weight.shape).toEqual([2, 1, 2, 2]);
    const y = layer.forward(ramp([1, 2, 3, 3]));
    expect(y.shape).toEqual([1, 2, 2, 2]);
    // first channel, padded: [0 0 0 0; 0 1 2 0; 3 4 5 0; 6 7 8 0]; each window gives its corners x[0][0] + x[1][1]
    expect(await numbers(y)).toEqual([1, 0, 10, 5, 0, 0, 24, 28]);
    expect(new Conv2d(1, 1, 3, { padding: "same", dilation: 2 }).forward(ramp([1, 1, 7, 9])).shape).toEqual([
      1, 1, 7, 9,
    ]);
    const negative = new Conv2d(1, 1, 1, {
      activation: (x) => x.neg(),
      weightInitialiser: initialisers.ones,
      biasInitialiser: initialisers.zeros,
    });
    expect(await numbers(negative.forward(tensor([[[[3]]]])))).toEqual([-3]);
  });

  it("pooling keeps the largest or the mean of each window", async () => {
    expect(await numbers(new MaxPool2d(2).forward(ramp([1, 1, 4, 4])))).toEqual([5, 7, 13, 15]);
    expect(await numbers(new AvgPool2d(2).forward(ramp([1, 1, 4, 4])))).toEqual([2.5, 4.5, 10.5, 12.5]);
    expect(await numbers(globalAvgPool().forward(ramp([1, 2, 2, 2])))).toEqual([1.5, 5.5]);
    expect(flatten().forward(ramp([2, 3, 4, 5])).shape).toEqual([2, 60]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no channels", () => new Conv2d(0, 4, 3), /Conv2d: inChannels is 0/],
    ["groups that do not divide", () => new Conv2d(3, 4, 3, { groups: 2 }), /do not divide into 2 groups/],
    ["a kernel of three axes", () => new Conv2d(3, 4, [3, 3, 3]), /the kernel has 3 axes/],
    ["a probability above 1", () => new Dropout(1.5), /probability 1.5/],
    ["half a feature", () => new Linear(2.5, 1), /inFeatures is 2.5/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("batch normalisation", () => {
  // torch.nn.BatchNorm2d(2) in training on arange(12).reshape(2, 2, 1, 3), then in evaluation
  const x = ramp([2, 2, 1, 3]);

  it("normalises by the biased variance, keeps the unbiased one, and counts", async () => {
    const layer = new BatchNorm2d(2);
    const y = training(() => layer.forward(x));
    const deviation = Math.sqrt(29 / 3 + 1e-5); // channel 0: 0 1 2 6 7 8, mean 4, biased variance 29/3
    expectClose(
      await numbers(y),
      [-4, -3, -2, -4, -3, -2, 2, 3, 4, 2, 3, 4].map((value) => value / deviation),
    );
    expectClose(await numbers(layer.running_mean?.value), [0.4, 0.7]);
    expectClose(await numbers(layer.running_var?.value), [0.9 + 1.16, 0.9 + 1.16]); // unbiased: 11.6
    expect(await numbers(layer.num_batches_tracked?.value)).toEqual([1]);

    const after = evaluating(() => layer.forward(x));
    const running = Math.sqrt(2.06 + 1e-5);
    expectClose(
      (await numbers(after)).slice(0, 4),
      [-0.4, 0.6, 1.6, 2.3].map((value) => value / running),
    );
    expect(await numbers(layer.num_batches_tracked?.value)).toEqual([1]);
  });

  it("without a momentum keeps the average of all batches", async () => {
    const layer = new BatchNorm2d(2, { momentum: null });
    training(() => layer.forward(x));
    training(() => layer.forward(x.add(6)));
    expect(await numbers(layer.num_batches_tracked?.value)).toEqual([2]);
    expectClose(await numbers(layer.running_mean?.value), [(4 + 10) / 2, (7 + 13) / 2]);
  });

  it("without running statistics uses the batch's always; without affine has no parameters", async () => {
    const layer = new BatchNorm2d(2, { affine: false, trackRunningStatistics: false });
    expect(stateDict(layer).size).toBe(0);
    expect(await numbers(evaluating(() => layer.forward(x)))).toEqual(await numbers(training(() => layer.forward(x))));
  });

  it("writes in a compiled function at the end of each run", async () => {
    const layer = new BatchNorm1d(3);
    const run = compile((z: Tensor) => layer.forward(z), { modules: [layer] });
    training(() => run(ramp([4, 3])));
    training(() => run(ramp([4, 3])));
    expect(await numbers(layer.num_batches_tracked?.value)).toEqual([2]);
  });

  it("refuses a gradient without a mode, one value a channel, and another rank", () => {
    const layer = new BatchNorm2d(2);
    expect(() => valueAndGrad(layer, (m) => m.forward(x).sum())).toThrow(
      /choose training\(\(\) => \.\.\.\) or evaluating/,
    );
    expect(() => training(() => layer.forward(ramp([1, 2, 1, 1])))).toThrow(/one value a channel/);
    expect(() => layer.forward(ramp([2, 2]))).toThrow(/BatchNorm2d: the input is \[2, 2\]/);
  });
});

describe("dropout", () => {
  it("in training keeps so many and scales them; in evaluation and at 0 it is nothing", async () => {
    const layer = new Dropout(0.25);
    const x = ramp([100, 100], 1, 0);
    const kept = await numbers(training(() => layer.forward(x)));
    expect(new Set(kept)).toEqual(new Set([0, Math.fround(4 / 3)]));
    const share = kept.filter((value) => value > 0).length / kept.length;
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / 10_000));
    expect(evaluating(() => layer.forward(x))).toBe(x);
    expect(training(() => new Dropout(0).forward(x))).toBe(x);
    expect(new Set(await numbers(training(() => new Dropout(1).forward(x))))).toEqual(new Set([0]));
  });

  it("draws anew each time, and the same after the same seed", async () => {
    const layer = new Dropout();
    const x = ramp([64], 1, 0);
    const draw = (): Promise<number[]> => numbers(training(() => layer.forward(x)));
    const [first, second] = [await draw(), await draw()];
    expect(second).not.toEqual(first);
    setSeed(1);
    expect([await draw(), await draw()]).toEqual([first, second]);
  });

  it("in a gradient drops in the backward pass what it dropped in the forward one", async () => {
    const layer = new Dropout();
    class Weighted extends Module {
      readonly weight = new Parameter([64], initialisers.ones);
      override forward(x: Tensor): Tensor {
        return layer.forward(this.weight.value.mul(x));
      }
    }
    const model = new Weighted();
    const { value, grads } = training(() =>
      valueAndGrad(model, (m) =>
        m
          .forward(ramp([64], 1, 0))
          .square()
          .sum(),
      ),
    );
    const gradient = await numbers(grads.get("weight")); // of (2 w)^2 where kept: 8
    expect(new Set(gradient)).toEqual(new Set([0, 8]));
    expect(await value.item()).toBe(4 * gradient.filter((g) => g > 0).length);
  });
});

describe("initialisers", () => {
  const draw = (initialiser: Initialiser, shape: readonly number[]): number[] => [
    ...initialiser(shape, streamKey(3, "draw")),
  ];
  const deviation = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
  const shape = [40, 30, 3, 3]; // fanIn 270, fanOut 360

  it.each<[string, Initialiser, number]>([
    ["kaimingUniform", initialisers.kaimingUniform(), Math.sqrt(2 / 270)],
    ["kaimingNormal, fanOut", initialisers.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" }), Math.sqrt(2 / 360)],
    ["xavierUniform", initialisers.xavierUniform(), Math.sqrt(2 / 630)],
    ["xavierNormal, gain 5/3", initialisers.xavierNormal({ gain: 5 / 3 }), (5 / 3) * Math.sqrt(2 / 630)],
    ["PyTorch's default", initialisers.defaultWeight, 1 / Math.sqrt(3 * 270)],
  ])("%s has the deviation of its formula", (_, initialiser, wanted) => {
    const values = draw(initialiser, shape);
    expect(Math.abs(deviation(values) / wanted - 1)).toBeLessThan(0.02);
  });

  it("PyTorch's default stays within 1 / sqrt(fanIn), weight and bias", async () => {
    const layer = new Conv2d(30, 40, 3);
    const bound = 1 / Math.sqrt(270);
    for (const cell of [layer.weight, layer.bias]) {
      const values = await numbers(cell?.value);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.8 * bound);
    }
  });

  it("refuses a fan of a vector", () => {
    expect(() => draw(initialisers.xavierNormal(), [4])).toThrow(/\[4\] has no fan/);
  });
});

describe("loadStateDict", () => {
  it("loads by name, and strictly: missing, unexpected and mis-shaped keys are listed, and nothing changes", async () => {
    const model = new Linear(2, 1);
    const before = await numbers(model.weight.value);
    const wrong = new Map([
      ["weight", tensor([[1, 2, 3]])],
      ["scale", tensor([1])],
    ]);
    expect(() => loadStateDict(model, wrong)).toThrow(
      /missing: bias; unexpected: scale; mis-shaped: weight \(float32\[1, 3\], the model has float32\[1, 2\]\)/,
    );
    expect(() => loadStateDict(model, wrong, { strict: false })).toThrow(/mis-shaped/);
    expect(await numbers(model.weight.value)).toEqual(before);

    const some = new Map([
      ["weight", tensor([[5, 6]])],
      ["scale", tensor([1])],
    ]);
    expect(loadStateDict(model, some, { strict: false })).toEqual({ missing: ["bias"], unexpected: ["scale"] });
    expect(await numbers(model.weight.value)).toEqual([5, 6]);
  });

  it("takes host data and other models' values; what was taken does not change with training", async () => {
    const [from, to] = [new BatchNorm2d(2), new BatchNorm2d(2)];
    training(() => from.forward(ramp([2, 2, 1, 3])));
    loadStateDict(to, stateDict(from));
    expect(await numbers(to.running_mean?.value)).toEqual(await numbers(from.running_mean?.value));
    const taken = stateDict(from);
    const values = await numbers(taken.get("running_mean"));
    training(() => from.forward(ramp([2, 2, 1, 3])));
    expect(await numbers(taken.get("running_mean"))).toEqual(values);
    expect(await numbers(to.running_mean?.value)).toEqual(values);
  });

  it("lists a few of many", () => {
    const model = sequential(Array.from({ length: 6 }, () => new Linear(1, 1)));
    expect(() => loadStateDict(model, new Map())).toThrow(/missing: 0\.weight, .*3\.bias, and 4 more/);
  });
});
