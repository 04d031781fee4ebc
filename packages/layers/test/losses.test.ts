// Losses by hand; tests/golden/ops-loss.json has PyTorch's figures for all their options, gradients included.
import { type Tensor, compile, grad, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import { binaryCrossEntropyWithLogits, crossEntropy, huberLoss, mseLoss, nllLoss, smoothL1Loss } from "../src/index.ts";

beforeAll(async () => {
  await useBackend(reference());
});

const labels = (...values: number[]): Tensor => tensor(Int32Array.from(values));

describe("crossEntropy", () => {
  const logits = tensor([
    [0, 0],
    [Math.log(3), 0],
  ]);

  it("is -log softmax at the label", async () => {
    expect(await crossEntropy(logits, labels(1, 0), { reduction: "none" }).array()).toEqual([
      Math.fround(Math.log(2)),
      expect.closeTo(Math.log(4 / 3), 6),
    ]);
    expect(await crossEntropy(logits, labels(1, 0)).item()).toBeCloseTo((Math.log(2) + Math.log(4 / 3)) / 2, 6);
  });

  it("divides by the weights of the labels that count", async () => {
    const options = { weight: tensor([1, 3]), ignoreIndex: -1 };
    const three = tensor([
      [0, 0],
      [0, 0],
      [5, 1],
    ]);
    // losses log 2 with weights 3 and 1; the third is ignored
    expect(await crossEntropy(three, labels(1, 0, -1), options).item()).toBeCloseTo(Math.log(2), 6);
    expect(await crossEntropy(three, labels(1, 0, -1), { ...options, reduction: "sum" }).item()).toBeCloseTo(
      4 * Math.log(2),
      5,
    );
  });

  it("takes uint8 labels and probabilities, maps and single examples", async () => {
    const asBytes = tensor(Uint8Array.of(1, 0));
    expect(await crossEntropy(logits, asBytes).item()).toBe(await crossEntropy(logits, labels(1, 0)).item());
    const sure = tensor([
      [0, 1],
      [1, 0],
    ]);
    expect(await crossEntropy(logits, sure).item()).toBeCloseTo(await crossEntropy(logits, labels(1, 0)).item(), 6);
    const map = tensor(new Float32Array(2 * 3 * 4 * 4), { shape: [2, 3, 4, 4] });
    const places = tensor(new Int32Array(32), { shape: [2, 4, 4] });
    expect(await crossEntropy(map, places).item()).toBeCloseTo(Math.log(3), 5);
    expect(await crossEntropy(tensor([0, 0, 0, 0]), tensor(2, { dtype: "int32" })).item()).toBeCloseTo(Math.log(4), 6);
  });

  it("has the gradient (softmax - one-hot) / N", async () => {
    const g = grad((x: Tensor) => crossEntropy(x, labels(1, 0)))(logits);
    expect(await g.data()).toEqual(Float32Array.of(0.25, -0.25, -0.125, 0.125));
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "a label that is no class",
      () => crossEntropy(logits, labels(0, 2)),
      /crossEntropy: label 2 at index 1 is not one of 2 classes/,
    ],
    ["a negative label", () => nllLoss(logits, labels(-100, 0)), /nllLoss: label -100 at index 0/],
    ["labels of another batch", () => crossEntropy(logits, labels(0)), /do not fit/],
    [
      "weights of another number of classes",
      () => crossEntropy(logits, labels(0, 1), { weight: tensor([1]) }),
      /weight is \[1\]/,
    ],
    ["too much smoothing", () => crossEntropy(logits, labels(0, 1), { labelSmoothing: 1.1 }), /labelSmoothing 1.1/],
    [
      "ignored probabilities",
      () => crossEntropy(logits, logits, { ignoreIndex: 0 }),
      /no meaning for class probabilities/,
    ],
  ])("refuses %s", (_, call, message) => {
    expect(call).toThrow(message);
  });

  it("refuses labels on the host before each run of a compiled function", async () => {
    const loss = compile((x: Tensor, y: Tensor) => crossEntropy(x, y));
    expect(await loss(logits, labels(1, 0)).item()).toBeGreaterThan(0);
    expect(() => loss(logits, labels(1, 5))).toThrow(/label 5 at index 1/);
  });
});

describe("other losses", () => {
  it("mseLoss, huberLoss and smoothL1Loss: squares near, lines far", async () => {
    const [x, y] = [tensor([0, 0.5, 3]), tensor([0, 0, 0])];
    expect(await mseLoss(x, y, { reduction: "none" }).array()).toEqual([0, 0.25, 9]);
    expect(await huberLoss(x, y, { reduction: "none", delta: 2 }).array()).toEqual([0, 0.125, 4]);
    expect(await smoothL1Loss(x, y, { reduction: "none", beta: 2 }).array()).toEqual([0, 0.0625, 2]);
    expect(() => mseLoss(x, tensor([[0], [0], [0]]))).toThrow(/the prediction is \[3\], the target \[3, 1\]/);
  });

  it("binaryCrossEntropyWithLogits neither overflows nor loses its gradient", async () => {
    const x = tensor([1000, -1000, 0]);
    const y = tensor([1, 1, 1]);
    const losses = await binaryCrossEntropyWithLogits(x, y, { reduction: "none" }).data();
    expect([...losses]).toEqual([0, 1000, Math.fround(Math.log(2))]);
    const g = await grad((z: Tensor) => binaryCrossEntropyWithLogits(z, y, { reduction: "sum" }))(x).data();
    expect([...g].map((value) => value + 0)).toEqual([0, -1, -0.5]);
  });
});
