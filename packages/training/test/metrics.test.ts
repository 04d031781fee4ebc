// What metrics do at the edges: nothing seen, ties, divisions by zero, labels that are no class; by hand and inside an evaluation.
import { type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Module } from "@stria/layers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type Metric,
  accuracy,
  accuracyOf,
  auc,
  averagePrecision,
  confusionMatrix,
  evaluate,
  f1,
  meanIou,
  meanLoss,
  meanOf,
  meanSquaredError,
  precision,
  rSquared,
  recall,
  rocCurve,
  streaming,
  topKAccuracy,
} from "../src/index.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

const labels = (...values: number[]): Tensor => tensor(Int32Array.from(values));

async function once<Result>(metric: Metric<Result>, outputs: Tensor, y: Tensor): Promise<Result> {
  const stream = streaming(metric);
  stream.update(outputs, y);
  return stream.result();
}

describe("a metric by hand", () => {
  it("grows with every batch, can be read in between, and starts again", async () => {
    const matrix = streaming(confusionMatrix());
    matrix.update(
      tensor([
        [1, 0],
        [0, 1],
      ]),
      labels(0, 0),
    );
    expect(await matrix.result()).toEqual([
      [1, 1],
      [0, 0],
    ]);
    matrix.update(tensor([[0, 1]]), labels(1));
    matrix.update(tensor([[1, 0]]), labels(1));
    expect(await matrix.result()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    matrix.reset();
    expect(await matrix.result()).toEqual([]);
    matrix.update(tensor([[0, 1]]), labels(1));
    expect(await matrix.result()).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it("leaves nothing on the device", async () => {
    const before = backend.memory();
    for (const metric of [accuracy, confusionMatrix(), topKAccuracy(2), auc()]) {
      const [outputs, y] = [tensor([[1, 2, 3]]), labels(2)];
      await once<unknown>(metric, outputs, y);
      outputs.dispose();
      y.dispose();
    }
    expect(backend.memory()).toEqual(before);
  });

  it("says NaN, or that there is nothing, before the first batch", async () => {
    for (const metric of [accuracy, f1(), meanIou(), auc(), averagePrecision(), meanSquaredError, rSquared])
      expect(await streaming(metric).result()).toBeNaN();
    expect(await streaming(precision({ average: "perClass" })).result()).toEqual([]);
    expect(await streaming(rocCurve()).result()).toEqual({
      thresholds: [],
      truePositiveRate: [],
      falsePositiveRate: [],
    });
  });

  it.each<[string, Metric<unknown>]>([
    ["accuracy", accuracy],
    ["f1", f1()],
    ["auc", auc({ average: "perClass" })],
    ["rSquared", rSquared],
  ])("%s goes on from what was saved", async (name, metric) => {
    const [outputs, targets] =
      name === "rSquared"
        ? [
            [tensor([1, 2]), tensor([4, 6])],
            [tensor([1.5, 2]), tensor([3, 6])],
          ]
        : [
            [
              tensor([
                [1, 0, 2],
                [0, 4, 1],
              ]),
              tensor([
                [3, 0, 2],
                [0, 1, 1],
              ]),
            ],
            [labels(0, 1), labels(0, 2)],
          ];
    const feed = async (accumulator: ReturnType<typeof metric.start>, index: number): Promise<void> => {
      const [x, y] = [outputs?.[index], targets?.[index]];
      if (x && y) accumulator.add(await metric.measure(x, { x, y }).data());
    };
    const whole = metric.start();
    await feed(whole, 0);
    const resumed = metric.start(whole.save());
    await feed(whole, 1);
    await feed(resumed, 1);
    expect(resumed.result()).toEqual(whole.result());
    expect(resumed.save()).toEqual(whole.save());
  });
});

describe("ties, and divisions by zero", () => {
  it("the first of equal outputs counts as larger, as in accuracy; NaN is never right", async () => {
    const outputs = tensor([[1, 1, 1, 0]]);
    const ranks = [0, 1, 2, 3].map((label) =>
      Promise.all([1, 2, 3, 4].map((k) => once(topKAccuracy(k), outputs, labels(label)))),
    );
    expect(await Promise.all(ranks)).toEqual([
      [1, 1, 1, 1],
      [0, 1, 1, 1],
      [0, 0, 1, 1],
      [0, 0, 0, 1],
    ]);
    expect(await once(topKAccuracy(1), tensor([[Number.NaN, 1]]), labels(0))).toBe(0);
    expect(await once(topKAccuracy(1), tensor([[Number.NaN, 1]]), labels(1))).toBe(0);
    expect(await once(topKAccuracy(1), tensor([[-Infinity, 1]]), labels(1))).toBe(1);
  });

  it("a class that is never predicted has precision 0, or what zeroDivision says; NaN is left out of the mean", async () => {
    const [outputs, y] = [
      tensor([
        [1, 0, 0],
        [1, 0, 0],
        [0, 1, 0],
      ]),
      labels(0, 1, 1),
    ];
    const values = async (zeroDivision: number): Promise<unknown> => [
      await once(precision({ average: "perClass", zeroDivision }), outputs, y),
      await once(precision({ zeroDivision }), outputs, y),
    ];
    expect(await values(0)).toEqual([[0.5, 1, 0], 0.5]);
    expect(await values(1)).toEqual([[0.5, 1, 1], 2.5 / 3]);
    expect(await values(Number.NaN)).toEqual([[0.5, 1, Number.NaN], 0.75]);
    expect(await once(meanIou(), outputs, y)).toBe(0.5); // class 2 is neither there nor predicted
    expect(await once(recall({ average: "weighted" }), outputs, y)).toBeCloseTo(2 / 3, 12);
  });

  it("ties of scores count half; one kind alone has no area", async () => {
    expect(await once(auc(), tensor([0.5, 0.5, 0.1, 0.9]), labels(0, 1, 0, 1))).toBe(0.875);
    expect(
      await once(
        auc(),
        tensor([
          [0, 1],
          [0, 2],
          [5, 6],
        ]),
        labels(0, 1, 1),
      ),
    ).toBe(0.75);
    expect(await once(auc(), tensor([0.5, 0.25]), labels(1, 1))).toBeNaN();
    expect(await once(auc(), tensor([0.5, Number.NaN]), labels(1, 0))).toBeNaN();
    expect(await once(averagePrecision(), tensor([0.5, 0.25]), labels(0, 0))).toBeNaN();
  });

  it("takes probabilities as they are", async () => {
    const shares = tensor([
      [0.5, 0.3, 0.2],
      [0.4, 0.6, 0],
      [0.45, 0.1, 0.45],
      [0.3, 0.3, 0.4],
    ]);
    // class 0 against the rest, by hand: positives 0.5 and 0.3 against 0.4 and 0.45
    const found = await once(auc({ scores: "probabilities", average: "perClass" }), shares, labels(0, 1, 2, 0));
    expect(found[0]).toBe(0.5);
  });

  it("variance far from 0 keeps its digits", async () => {
    const far = 4096;
    const stream = streaming(rSquared);
    stream.update(tensor([far + 1, far + 2]), tensor([far + 1, far + 3]));
    stream.update(tensor([far + 4]), tensor([far + 5]));
    expect(await stream.result()).toBeCloseTo(1 - 2 / 8, 6); // errors 0, 1, 1; about the mean 3: 4 + 0 + 4
  });
});

describe("what does not fit is refused, and nothing has changed", () => {
  const three = tensor([[1, 2, 3]]);

  it.each<[string, Metric<unknown>, Tensor, Tensor, RegExp]>([
    ["a label of no class", accuracy, three, labels(3), /^accuracy: label 3 at index 0 is not one of 3 classes/],
    ["a negative label", confusionMatrix(), three, labels(-1), /^confusionMatrix: label -1 at index 0/],
    ["NaN for a label", topKAccuracy(1), three, tensor([Number.NaN]), /^topKAccuracy: label NaN at index 0/],
    ["a label of no class", auc(), three, labels(7), /^auc: label 7 at index 0/],
    ["labels of another shape", f1(), three, labels(0, 1), /^f1: the outputs are \[1, 3\] for labels \[2\]/],
    ["class numbers without classes", meanIou(), labels(1), labels(1), /^meanIou: .*classes is missing/],
    ["k above the classes", topKAccuracy(4), three, labels(0), /^topKAccuracy: k is 4.* from 1 to 3/],
    ["k of nothing", topKAccuracy(0), three, labels(0), /^topKAccuracy: k is 0/],
    ["pictures for an area", auc(), tensor([[[1]]]), labels(0), /^auc: the outputs are \[1, 1, 1\] for labels \[1\]/],
    ["targets of another shape", meanSquaredError, three, labels(1), /^meanSquaredError: .*\[1, 3\] for targets \[1\]/],
  ])("%s", async (_, metric, outputs, y, message) => {
    const stream = streaming(metric);
    expect(() => stream.update(outputs, y)).toThrow(message);
    await expect(stream.result()).resolves.toBeDefined();
  });

  it("a value for the whole batch where one for each example is asked for", async () => {
    const whole = meanOf((outputs) => outputs.sum().reshape([1]));
    await expect(once(whole, tensor([[1], [2]]), labels(0, 0))).rejects.toThrow(
      /^meanOf: the values are \[1\] for a batch of 2.*one value for each example/,
    );
    const masked = { x: tensor([[1], [2]]), y: tensor([[1], [2]]), mask: tensor([1, 0]) };
    expect(() => meanLoss((outputs) => outputs.mean()).measure(masked.x, masked)).toThrow(
      /^loss: it gives one number for a batch of which some rows do not count/,
    );
  });

  it("an average that is none", async () => {
    const average = "mean" as "macro";
    await expect(once(f1({ average }), three, labels(0))).rejects.toThrow(/^f1: average is mean/);
    expect(() => auc({ average })).toThrow(/^auc: average is mean/);
  });

  it("a label of no class on the device is found in the matrix", async () => {
    const y = labels(3).add(0); // computed there: the host cannot look at it
    await expect(once(confusionMatrix(), three, y)).rejects.toThrow(/1 labels or predictions are none of 3 classes/);
    expect(await once(accuracy, three, y)).toBe(0);
  });
});

it("places may be left out, and one score may decide", async () => {
  const pixels = tensor([
    [
      [0, 5, 5],
      [5, 0, 0],
    ],
  ]);
  expect(await once(accuracyOf({ ignore: 255 }), pixels, tensor(Uint8Array.of(1, 0, 255), { shape: [1, 3] }))).toBe(1);
  expect(await once(accuracyOf(), tensor([[-1], [2], [3]]), labels(0, 1, 0))).toBeCloseTo(2 / 3, 12);
});

it("many metrics in one evaluation, of all kinds of results", async () => {
  class Same extends Module {
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  const batch = (x: number[][], y: number[]): { x: Tensor; y: Tensor } => ({ x: tensor(x), y: labels(...y) });
  const found = await evaluate(
    new Same(),
    [
      batch(
        [
          [2, 1, 0],
          [0, 1, 2],
        ],
        [0, 1],
      ),
      batch([[0, 3, 1]], [1]),
    ],
    { accuracy, top2: topKAccuracy(2), matrix: confusionMatrix(), auc: auc(), recall: recall({ average: "perClass" }) },
  );
  expect(found.matrix).toEqual([
    [1, 0, 0],
    [0, 1, 1],
    [0, 0, 0],
  ]);
  expect(found.recall).toEqual([1, 0.5, 0]);
  expect(found.accuracy).toBeCloseTo(2 / 3, 12);
  expect(found.top2).toBe(1);
  expect(found.auc).toBeNaN(); // of class 2 there is none
});
