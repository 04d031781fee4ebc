// Layers in a list: sizes worked out, keys, errors that name the entry.
import { type Tensor, namedCells, setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Conv2d,
  Linear,
  type Sequential,
  batchNorm2d,
  conv2d,
  countParameters,
  dense,
  flatten,
  globalAvgPool,
  layerNorm,
  relu,
  residual,
  maxPool2d,
  sequential,
  stateDict,
} from "../src/index.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

async function numbers(x: Tensor | undefined): Promise<number[]> {
  return [...((await x?.data()) ?? [])];
}

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

  it("says which entry is no layer, and names entries inside entries", () => {
    expect(() => sequential([dense(2), undefined as never], { inputShape: [3] })).toThrow(/entry 1 is undefined/);
    expect(() => sequential([conv2d(2, 1), residual([conv2d(2, 1), dense(3)])], { inputShape: [1, 4, 4] })).toThrow(
      /^1\.1: dense: its input is \[2, 4, 4\]/,
    );
    expect(() => sequential([layerNorm({ axes: 3 })], { inputShape: [4] })).toThrow(/^0: layerNorm: axes is 3/);
    expect(() => sequential([batchNorm2d()], { inputShape: [] })).toThrow(/^0: sequential: the input has no channels/);
  });

  it("is Keras's list, without a size after the first", () => {
    const model = sequential(
      [
        conv2d(32, 5, { activation: "relu" }),
        maxPool2d(2),
        conv2d(64, 5),
        relu(),
        maxPool2d(2),
        flatten(),
        dense(1000),
        dense(10),
      ],
      { inputShape: [3, 32, 32] },
    );
    expect(stateDict(model).get("6.weight")?.shape).toEqual([1000, 64 * 5 * 5]);
    expect(countParameters(model)).toBe(2432 + 51_264 + 1_601_000 + 10_010);
  });

  it("takes layers that are built already, without a shape", () => {
    const model = sequential([new Linear(4, 3), new Linear(3, 2)]);
    expect(model).toHaveLength(2);
    expect([...model]).toHaveLength(2);
    expect([...stateDict(model).keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });
});
