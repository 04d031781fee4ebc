// The learning-rate finder, statistics of batch normalisation computed again, and averages in validation.
import { type Tensor, randomState, setSeed, tensor, uniform, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { BatchNorm1d, Linear, Module, crossEntropy, mseLoss } from "@stria/layers";
import { adam, ema, sgd, swa, withAverage, withParameters } from "@stria/optimizers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type LabelledBatch,
  evaluate,
  findLearningRate,
  fit,
  meanLoss,
  trainStep,
  updateBatchNorm,
} from "../src/index.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

beforeEach(async () => {
  setSeed(3);
  await useBackend(reference());
});

/** y = w x on x = 1, y = 0: the loss is w^2, and a step at rate r makes w (1 - 2 r) of w. */
function parabola(): { readonly model: Linear; readonly data: LabelledBatch[] } {
  const model = new Linear(1, 1, { bias: false });
  model.weight.load(Float32Array.of(1));
  return { model, data: [{ x: tensor([[1]]), y: tensor([[0]]) }] };
}

describe("findLearningRate", () => {
  it("raises the rate by equal factors until the loss explodes, by hand on a parabola", async () => {
    const { model, data } = parabola();
    const found = await findLearningRate(model, data, {
      loss: mseLoss,
      optimizer: sgd({ learningRate: 1 }),
      from: 1e-3,
      to: 1e3,
      steps: 61, // ten to a decade
      smoothing: 0,
    });
    let w = 1;
    for (const [step, rate] of found.rates.entries()) {
      expect(rate).toBeCloseTo(10 ** (step / 10 - 3), 9);
      expect(Math.abs((found.losses[step] ?? 0) - w * w)).toBeLessThanOrEqual(1e-5 * w * w + 1e-12);
      w *= 1 - 2 * rate;
    }
    expect(found.smoothed).toEqual(found.losses);
    expect(found.rates.length).toBeLessThan(61);
    const falls = found.losses.map((loss, step) => loss - (found.losses[step + 1] ?? loss));
    expect(found.suggestion).toBe(found.rates[falls.indexOf(Math.max(...falls))]);
    expect(found.suggestion).toBeLessThan(1); // from there on a step overshoots
    expect((await numbersOf(model))["weight"]).toEqual([1]);
  });

  it("leaves model, random streams and loader as they were: training afterwards has the same bits", async () => {
    setSeed(5);
    const optimizer = adam({ learningRate: 0.01 });
    const options = { loss: crossEntropy, optimizer };
    const order: number[] = [];
    const data = Object.assign(batchesOf(3), {
      epoch: 4,
      setEpoch(epoch: number) {
        data.epoch = epoch;
      },
      batches(epoch: number): AsyncIterable<LabelledBatch> {
        order.push(epoch);
        return (async function* () {
          for (let i = 0; i < 3; i++) yield batchOf(3 * epoch + i);
        })();
      },
    });
    const [model, other] = [smallNet(), smallNet()];
    uniform([1]);
    const [before, random] = [await numbersOf(model), randomState()];
    const { losses } = await findLearningRate(model, data, { ...options, steps: 8, to: 1 });
    expect(losses).toHaveLength(8);
    expect(order.splice(0)).toEqual([4, 5, 6]);
    expect(await numbersOf(model)).toEqual(before);
    expect(randomState()).toEqual(random);
    await fit(model, data, { ...options, epochs: 2 });
    expect(order).toEqual([4, 5]);
    data.setEpoch(4);
    await fit(other, data, { ...options, epochs: 2 });
    expect(await numbersOf(model)).toEqual(await numbersOf(other));
  });

  it("ends at a signal, an error or NaN with the model as it was", async () => {
    const { model, data } = parabola();
    const optimizer = sgd({ learningRate: 1 });
    const options = { loss: mseLoss, optimizer };
    const reason = new Error("enough");
    await expect(findLearningRate(model, data, { ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    function* three(): Generator<LabelledBatch> {
      for (let i = 0; i < 3; i++) {
        if (i === 2) controller.abort(reason);
        yield { x: tensor([[1]]), y: tensor([[0]]) };
      }
    }
    const stopping = { [Symbol.iterator]: three };
    await expect(findLearningRate(model, stopping, { ...options, from: 0.1, signal: controller.signal })).rejects.toBe(
      reason,
    );
    await expect(findLearningRate(model, [], options)).rejects.toThrow(/there are no batches/);
    for (const wrong of [{ from: 0 }, { to: 1e-9 }, { steps: 1 }, { smoothing: 1 }, { divergence: 1 }])
      await expect(findLearningRate(model, data, { ...options, ...wrong })).rejects.toThrow(/use 0 < from < to/);
    const loud = await findLearningRate(model, data, { ...options, from: 1e30, to: 1e38, steps: 9 });
    expect(loud).toMatchObject({ losses: [1], suggestion: undefined });
    expect((await numbersOf(model))["weight"]).toEqual([1]);
  });
});

class Normed extends Module {
  readonly linear = new Linear(2, 2);
  readonly norm = new BatchNorm1d(2, { momentum: 0.3 });
  override forward(x: Tensor): Tensor {
    return this.norm.forward(this.linear.forward(x));
  }
}

describe("updateBatchNorm", () => {
  const inputs = [
    [
      [1, 2],
      [3, -1],
    ],
    [
      [0, 1],
      [2, 2],
      [-1, 4],
    ],
    [
      [5, 1],
      [0.5, 0.25],
    ],
  ];
  const batches = (): LabelledBatch[] => inputs.map((x) => ({ x: tensor(x), y: tensor(x) }));
  const make = (): Normed => {
    const model = new Normed();
    model.linear.weight.load(Float32Array.of(1, 2, -1, 0.5));
    model.linear.bias?.load(Float32Array.of(0.5, -1));
    model.norm.running_mean?.load(Float32Array.of(7, 7));
    model.norm.running_var?.load(Float32Array.of(9, 9));
    model.norm.num_batches_tracked?.load(Int32Array.of(5));
    return model;
  };

  it("gives the statistics of PyTorch's update_bn, whatever was there before", async () => {
    const model = make();
    await updateBatchNorm(model, batches());
    const found = await numbersOf(model);
    const expected = { running_mean: [4.5, -2.1180555555555554], running_var: [11.0, 6.238715277777778] };
    for (const [name, values] of Object.entries(expected))
      for (const [index, value] of values.entries()) expect(found[`norm.${name}`]?.[index]).toBeCloseTo(value, 5);
    expect(found["norm.num_batches_tracked"]).toEqual([3]);
    expect(model.norm.momentum).toBe(0.3);
    await updateBatchNorm(new Linear(1, 1), []); // nothing to do
  });

  it("puts everything back when it fails or is ended", async () => {
    const model = make();
    const before = await numbersOf(model);
    const reason = new Error("enough");
    const controller = new AbortController();
    function* ending(): Generator<LabelledBatch> {
      yield* batches().slice(0, 1);
      controller.abort(reason);
      yield* batches().slice(1);
    }
    const ended = { [Symbol.iterator]: ending };
    await expect(updateBatchNorm(model, ended, { signal: controller.signal })).rejects.toBe(reason);
    await expect(updateBatchNorm(model, [])).rejects.toThrow(/there are no batches/);
    const padded = batches().map((batch) => ({ ...batch, mask: tensor([1, 0]) }));
    await expect(updateBatchNorm(model, padded)).rejects.toThrow(/padded rows, which would count/);
    const one = [...batches(), { x: tensor([[1, 2]]), y: tensor([[1, 2]]) }];
    await expect(updateBatchNorm(model, one)).rejects.toThrow(/^norm: BatchNorm1d: training on \[1, 2\] has one value/);
    expect(await numbersOf(model)).toEqual(before);
    expect(model.norm.momentum).toBe(0.3);
  });

  it("serves averaged weights: the whole recipe of stochastic weight averaging", async () => {
    const model = smallNet();
    const data = batchesOf(4, 8);
    const step = trainStep(
      model,
      withAverage(sgd({ learningRate: 0.1 }), swa({ from: 4 })),
      (m, { x, y }: LabelledBatch) => crossEntropy(m.forward(x), y),
    );
    for (let epoch = 0; epoch < 3; epoch++) for (const batch of data) await step(batch);
    const trained = await numbersOf(model);
    const loss = await withParameters(model, step.state.average(), async () => {
      await updateBatchNorm(model, data);
      return (await evaluate(model, data, { loss: meanLoss(crossEntropy) })).loss;
    });
    expect(loss).toBeLessThan(1.1); // better than guessing, ln 3 = 1.0986
    const after = await numbersOf(model);
    expect(after["0.weight"]).toEqual(trained["0.weight"]);
    expect(after["1.running_mean"]).not.toEqual(trained["1.running_mean"]);
  });
});

describe("validateAverage", () => {
  it("measures the average that withAverage keeps, and trains on with the parameters", async () => {
    const run = async (validateAverage: boolean): Promise<readonly [number[], unknown]> => {
      const { model, data } = parabola();
      const { epochs } = await fit(model, data, {
        loss: mseLoss,
        optimizer: withAverage(sgd({ learningRate: 0.25 }), ema(0.5)),
        epochs: 3,
        validation: data,
        validateAverage,
      });
      return [epochs.map(({ validation }) => validation?.loss ?? 0), await numbersOf(model)];
    };
    const [plain, weights] = await run(false);
    const [averaged, same] = await run(true);
    // w: 1/2, 1/4, 1/8; averages 1/2, 3/8, 1/4
    expect(plain).toEqual([1 / 4, 1 / 16, 1 / 64]);
    expect(averaged).toEqual([1 / 4, 9 / 64, 1 / 16]);
    expect(same).toEqual(weights);
    const { model, data } = parabola();
    await expect(
      fit(model, data, {
        loss: mseLoss,
        optimizer: sgd({ learningRate: 1 }),
        epochs: 1,
        validation: data,
        validateAverage: true,
      }),
    ).rejects.toThrow(/the optimizer keeps no average/);
  });
});
