// Gradients of both orders of every loss, normalisation and pooling, by differences on the reference.
import { type Tensor, logSoftmax, sigmoid, softmax, tensor, training, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import { type Differentiable, expectGradient, expectSecondGradient } from "../../core/test/support/differences.ts";
import { distinct, integers, uniform } from "../../core/test/support/numbers.ts";
import * as layers from "../src/index.ts";

beforeAll(() => useBackend(reference()));

type Cases = Readonly<Record<string, readonly [f: Differentiable, ...inputs: Tensor[]]>>;

const none = { reduction: "none" } as const;
const signs = tensor([
  [1, -1, 1],
  [-1, -1, 1],
]);
const shares = uniform([2, 3], 1, 0, 1);
const scores = uniform([2, 3], 2, -2, 2);
const labels = integers([2], 3, 0, 3);

const losses: Cases = {
  crossEntropy: [(x) => layers.crossEntropy(x, labels, { ...none, labelSmoothing: 0.1, weight: tensor([1, 2, 3]) }), scores], // prettier-ignore
  "crossEntropy of probabilities": [(x, y) => layers.crossEntropy(x, softmax(y, 1), none), scores, uniform([2, 3], 4)],
  nllLoss: [(x) => layers.nllLoss(logSoftmax(x, 1), labels, none), scores],
  binaryCrossEntropy: [(x, y) => layers.binaryCrossEntropy(sigmoid(x), y, none), scores, shares],
  binaryCrossEntropyWithLogits: [
    (x, y) => layers.binaryCrossEntropyWithLogits(x, y, { ...none, positiveWeight: tensor([1, 2, 3]) }),
    scores,
    shares,
  ],
  ctcLoss: [
    (x) => layers.ctcLoss(logSoftmax(x, 2), integers([2, 2], 5, 1, 3), [4, 3], [2, 1], none),
    uniform([4, 2, 3], 6),
  ],
  sigmoidFocalLoss: [(x) => layers.sigmoidFocalLoss(x, tensor([[1, 0, 1], [0, 0, 1]]), none), scores], // prettier-ignore
  diceLoss: [(x) => layers.diceLoss(sigmoid(x), uniform([1, 2, 3], 7, 0, 1), none), uniform([1, 2, 3], 8)],
  totalVariation: [(x) => layers.totalVariation(x), distinct([1, 3, 3], 9)],
  klDivergence: [(x, y) => layers.klDivergence(logSoftmax(x, 1), softmax(y, 1), none), scores, uniform([2, 3], 10)],
  gaussianNllLoss: [
    (x, y, v) => layers.gaussianNllLoss(x, y, v, { ...none, full: true }),
    scores,
    shares,
    uniform([2, 3], 11, 0.5, 1.5),
  ],
  poissonNllLoss: [(x, y) => layers.poissonNllLoss(x, y, none), scores, shares],
  mseLoss: [(x, y) => layers.mseLoss(x, y, none), scores, shares],
  l1Loss: [(x) => layers.l1Loss(x, signs, none), distinct([2, 3], 12, 0.3)],
  huberLoss: [(x) => layers.huberLoss(x, signs, { ...none, delta: 0.55 }), distinct([2, 3], 13, 0.3)],
  smoothL1Loss: [(x) => layers.smoothL1Loss(x, signs, { ...none, beta: 0.55 }), distinct([2, 3], 14, 0.3)],
  hingeLoss: [(x) => layers.hingeLoss(x, signs, { ...none, margin: 0.7 }), distinct([2, 3], 15, 0.3)],
  squaredHingeLoss: [(x) => layers.squaredHingeLoss(x, signs, { ...none, margin: 0.7 }), distinct([2, 3], 16, 0.3)],
  softMarginLoss: [(x) => layers.softMarginLoss(x, signs, none), scores],
  hingeEmbeddingLoss: [(x) => layers.hingeEmbeddingLoss(x, signs, { ...none, margin: 0.7 }), distinct([2, 3], 17, 0.3)],
  marginRankingLoss: [
    (a, b) => layers.marginRankingLoss(a, b, signs, { ...none, margin: 0.7 }),
    distinct([2, 3], 18, 0.3),
    distinct([2, 3], 19, 0.4),
  ],
  multiMarginLoss: [
    (x) => layers.multiMarginLoss(x, labels, { ...none, order: 2, weight: tensor([1, 2, 3]) }),
    distinct([2, 3], 20, 0.3),
  ],
  multilabelMarginLoss: [
    (x) => layers.multilabelMarginLoss(x, tensor(Int32Array.of(2, 0, -1, 1, -1, 0), { shape: [2, 3] }), none),
    distinct([2, 3], 21, 0.3),
  ],
  multilabelSoftMarginLoss: [(x) => layers.multilabelSoftMarginLoss(x, shares, none), scores],
  cosineEmbeddingLoss: [
    (a, b) => layers.cosineEmbeddingLoss(a, b, tensor([1, -1]), { ...none, margin: -1 }),
    scores,
    uniform([2, 3], 22),
  ],
  tripletMarginLoss: [
    (a, b, c) => layers.tripletMarginLoss(a, b, c, { ...none, margin: 5, swap: true }),
    scores,
    uniform([2, 3], 23),
    uniform([2, 3], 24),
  ],
  infoNceLoss: [(a, b) => layers.infoNceLoss(a, b, { ...none, temperature: 0.5 }), scores, uniform([2, 3], 25)],
};

const image = uniform([2, 4, 2, 2], 30, -2, 2);
const [scale, shift] = [uniform([4], 31), uniform([4], 32)];

const norms: Cases = {
  "batch normalisation": [(x) => training(() => new layers.BatchNorm2d(4).forward(x)), image],
  "layer normalisation": [
    (x, w, b) => layers.layerNorm(x, [2, 2], { weight: w, bias: b }),
    image,
    uniform([2, 2], 33),
    uniform([2, 2], 34),
  ],
  "group normalisation": [(x, w, b) => layers.groupNorm(x, 2, { weight: w, bias: b }), image, scale, shift],
  "instance normalisation": [(x, w, b) => layers.instanceNorm(x, { weight: w, bias: b }), image, scale, shift],
  "local response normalisation": [(x) => layers.localResponseNorm(x, 3, { alpha: 0.5 }), image],
  "RMS normalisation": [(x, w) => layers.rmsNorm(x, 2, { weight: w }), image, uniform([2], 35)],
  "length 1": [(x) => layers.normalize(x), image],
};

const plane = distinct([1, 2, 4, 5], 40);
const pools: Cases = {
  max: [(x) => layers.maxPool2d([2, 3], { stride: 1 }).forward(x), plane],
  average: [(x) => layers.avgPool2d(3, { stride: 2, padding: 1, countPadding: false }).forward(x), plane],
  "global average": [(x) => layers.globalAvgPool().forward(x), plane],
  "global maximum": [(x) => layers.globalMaxPool().forward(x), plane],
  Lp: [(x) => layers.lpPool2d(2, 2).forward(x), plane],
  "adaptive average": [(x) => layers.adaptiveAvgPool2d(3).forward(x), plane],
  "adaptive maximum": [(x) => layers.adaptiveMaxPool2d(3).withIndices(x).values, plane],
  "spatial pyramid": [(x) => layers.spatialPyramidPool2d([1, 2, 3]).forward(x), plane],
  "cross-channel": [(x) => layers.crossChannelPool(2).forward(x), plane],
};

describe.each([...Object.entries(losses), ...Object.entries(norms), ...Object.entries(pools)])(
  "%s",
  (_, [f, ...inputs]) => {
    it("first gradient", () => expect(expectGradient(f, inputs)).resolves.toBeUndefined());
    // Of the square, so that what is linear in pieces has one.
    it("second gradient", () =>
      expect(expectSecondGradient((...list) => f(...list).square(), inputs)).resolves.toBeUndefined());
  },
);

it("every loss is here", () => {
  const named = Object.keys(layers).filter((name) =>
    /^[a-z].*(Loss|Entropy|WithLogits|Divergence|Variation)$/.test(name),
  );
  expect(named.filter((name) => !Object.hasOwn(losses, name))).toEqual([]);
});
