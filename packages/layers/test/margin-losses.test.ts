// Losses by hand: reductions, defaults and errors; tests/golden/ops-loss.json has PyTorch's figures for their options, gradients included.
import { type Tensor, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it, test } from "vitest";
import { expectGradient } from "../../core/test/support/differences.ts";
import { uniform as numbers } from "../../core/test/support/numbers.ts";
import {
  cosineEmbeddingLoss,
  cosineSimilarity,
  diceLoss,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  infoNceLoss,
  klDivergence,
  marginRankingLoss,
  multiMarginLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  pairwiseDistance,
  poissonNllLoss,
  sigmoidFocalLoss,
  softMarginLoss,
  squaredHingeLoss,
  totalVariation,
  tripletMarginLoss,
} from "../src/index.ts";

beforeAll(() => useBackend(reference()));

async function rounded(x: Tensor): Promise<number[]> {
  return Array.from(await x.data(), (value) => Math.round(value * 1e4) / 1e4);
}

describe("reductions", () => {
  const [x, target] = [tensor([0.5, -2, 3]), tensor([1, 1, -1])];

  it("gives each loss, their sum or their mean", async () => {
    expect(await rounded(hingeLoss(x, target, { reduction: "none" }))).toEqual([0.5, 3, 4]);
    expect(await rounded(hingeLoss(x, target, { reduction: "sum" }))).toEqual([7.5]);
    expect(await rounded(hingeLoss(x, target))).toEqual([2.5]);
    expect(await rounded(squaredHingeLoss(x, target, { reduction: "sum" }))).toEqual([25.25]);
  });

  it("divides a divergence by the batch where it is asked to", async () => {
    const [logs, wanted] = [tensor([[Math.log(0.2), Math.log(0.8)]]), tensor([[1, 0]])];
    expect(await rounded(klDivergence(logs, wanted, { reduction: "batchMean" }))).toEqual([1.6094]);
    expect(await rounded(klDivergence(logs, wanted))).toEqual([0.8047]);
  });
});

test("a multi-margin loss averages over the classes", async () => {
  const loss = multiMarginLoss(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3], { dtype: "int32" }));
  expect(await rounded(loss)).toEqual([0.325]); // PyTorch's documentation
});

describe("the multilabel margin loss", () => {
  const scores = tensor([[0.1, 0.2, 0.4, 0.8]]);
  const list = (...labels: number[]): Tensor => tensor(Int32Array.from(labels), { shape: [1, labels.length] });

  it("compares every label with all that is none; the first -1 ends the labels", async () => {
    expect(await rounded(multilabelMarginLoss(scores, list(3, 0, -1, 1)))).toEqual([0.85]); // PyTorch's documentation
    expect(await rounded(multilabelMarginLoss(scores, list(-1, 0, 1, 2), { reduction: "none" }))).toEqual([0]);
    expect(await rounded(multilabelMarginLoss(scores, list(0, 1, 2, 3)))).toEqual([0]);
    const one = multilabelMarginLoss(tensor([0.1, 0.2, 0.4, 0.8]), tensor(Int32Array.of(3, 0, -1, 1)));
    expect(await rounded(one)).toEqual([0.85]);
  });

  it("has the gradient of differences", async () => {
    const several = tensor(Int32Array.of(2, 0, -1, 1, 1, -1, 3, 0), { shape: [2, 4] });
    const loss = (x: Tensor): Tensor => multilabelMarginLoss(x, several, { reduction: "none" });
    expect(loss(zeros([2, 4])).shape).toEqual([2]);
    await expectGradient(loss, [numbers([2, 4], 1)]);
  });

  it("refuses labels that are no class, and gives NaN for those it cannot see", async () => {
    expect(() => multilabelMarginLoss(scores, list(4, -1, 0, 0))).toThrow("label 4 at index 0 is not one of 4 classes");
    expect(() => multilabelMarginLoss(scores, list(3))).toThrow("multilabelMarginLoss: the prediction is [1, 4]");
    expect(() => multilabelMarginLoss(zeros([1, 1, 2]), zeros([1, 1, 2], "int32"))).toThrow("give [N, classes]");
    const onDevice = zeros([1, 4], "int32").add(7);
    expect(await rounded(multilabelMarginLoss(scores, onDevice))).toEqual([Number.NaN]);
  });
});

test("a label outside the classes is found before the run", () => {
  expect(() => multiMarginLoss(tensor([[0.1, 0.2]]), tensor([2], { dtype: "int32" }))).toThrow(
    "label 2 at index 0 is not one of 2 classes",
  );
  expect(() => multiMarginLoss(zeros([2]), zeros([1], "int32"))).toThrow("give [N, classes]");
});

test("a dice loss of a perfect prediction is 0", async () => {
  const region = tensor([[[1, 0, 1]]]);
  expect(await rounded(diceLoss(region, region))).toEqual([0]);
  expect(await rounded(diceLoss(zeros([1, 1, 3]), region))).toEqual([0.6667]);
});

test("vectors: angles and distances", async () => {
  const [a, b] = [tensor([[3, 4]]), tensor([[4, 3]])];
  expect(await rounded(cosineSimilarity(a, b))).toEqual([0.96]);
  expect(await rounded(pairwiseDistance(a, b, { order: 1 }))).toEqual([2]);
  expect(await rounded(pairwiseDistance(a, b, { order: Infinity }))).toEqual([1]);
  expect(await rounded(infoNceLoss(a, b))).toEqual([0]); // one row: nothing to confuse it with
});

test("inputs of other shapes are refused", () => {
  const [a, b] = [zeros([2, 3]), zeros([3, 2])];
  for (const loss of [
    hingeLoss,
    softMarginLoss,
    hingeEmbeddingLoss,
    multilabelSoftMarginLoss,
    klDivergence,
    poissonNllLoss,
    sigmoidFocalLoss,
    diceLoss,
    infoNceLoss,
  ])
    expect(() => loss(a, b)).toThrow(loss.name);
  expect(() => gaussianNllLoss(a, b, a)).toThrow("gaussianNllLoss");
  expect(() => marginRankingLoss(a, a, b)).toThrow("marginRankingLoss");
  expect(() => cosineEmbeddingLoss(a, a, zeros([3]))).toThrow("cosineEmbeddingLoss");
  expect(() => tripletMarginLoss(a, a, b)).toThrow("tripletMarginLoss");
  expect(() => diceLoss(a, a)).toThrow("give [N, classes, ...]");
  expect(() => totalVariation(zeros([1, 4]))).toThrow("2 pixels or more");
});
