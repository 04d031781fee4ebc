// Layers with figures worked out by hand; initialisers.
import { type Initialiser, setSeed, streamKey, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import { AvgPool2d, Conv2d, Dropout, Linear, MaxPool2d, flatten, globalAvgPool, initialisers } from "../src/index.ts";
import { numbers, ramp } from "./support/numbers.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
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
