// Layers that behave differently in training and in evaluation.
import { Parameter, type Tensor, compile, evaluating, setSeed, training, useBackend, valueAndGrad } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import { BatchNorm1d, BatchNorm2d, Dropout, Module, initialisers, stateDict } from "../src/index.ts";
import { numbers, ramp } from "./support/numbers.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

function expectClose(found: readonly number[], wanted: readonly number[], digits = 5): void {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) expect(found[index], `element ${index}`).toBeCloseTo(value, digits);
}

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
