// fit, evaluate, predict, metrics and progress.
import { BackendError, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, crossEntropy, mseLoss } from "@stria/layers";
import { adam, sgd } from "@stria/optimizers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type EpochReport,
  type LabelledBatch,
  type StepReport,
  accuracy,
  evaluate,
  fit,
  meanLoss,
  meanOf,
  predict,
  progressBar,
  trainStep,
} from "../src/index.ts";
import { showProgress, showTime } from "../src/fit/progress-bar.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

beforeEach(async () => {
  setSeed(3);
  await useBackend(reference());
});

describe("fit", () => {
  it("learns: the loss falls and every picture of the small set is read", async () => {
    const model = smallNet();
    const data = batchesOf(6, 8);
    const history = await fit(model, data, {
      loss: crossEntropy,
      optimizer: adam({ learningRate: 0.02 }),
      epochs: 12,
      metrics: { accuracy },
      validation: data,
    });
    expect(history.epochs).toHaveLength(12);
    const [first, last] = [history.epochs[0], history.epochs.at(-1)];
    expect(last?.loss).toBeLessThan((first?.loss ?? 0) / 3);
    expect(last?.validation?.accuracy).toBe(1);
    expect(last?.validation?.loss).toBeLessThan(0.2);
  });

  it("ends with a BackendError where the backend is disposed of meanwhile", async () => {
    const backend = await useBackend(reference());
    let steps = 0;
    const onStep = (): void => {
      if (++steps === 3) backend.dispose();
    };
    const options = { loss: crossEntropy, optimizer: sgd({ learningRate: 0.1 }), epochs: 2, callbacks: [{ onStep }] };
    const error: unknown = await fit(smallNet(), batchesOf(20), options).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(BackendError);
    expect(String(error)).toMatch(/backend "reference": it was disposed of.*useBackend/);
    expect(steps).toBeLessThan(6); // at most those that were under way
  });

  it("tells callbacks of every step in order, two steps under way or not", async () => {
    const steps: StepReport[] = [];
    const epochs: EpochReport[] = [];
    const history = await fit(smallNet(), batchesOf(3), {
      loss: crossEntropy,
      optimizer: sgd({ learningRate: (step) => 0.1 / (step + 1) }),
      epochs: 2,
      callbacks: [{ onStep: (_, step) => void steps.push(step), onEpochEnd: (_, epoch) => void epochs.push(epoch) }],
    });
    expect(steps.map(({ epoch, batch, step }) => [epoch, batch, step])).toEqual([
      [1, 1, 0],
      [1, 2, 1],
      [1, 3, 2],
      [2, 1, 3],
      [2, 2, 4],
      [2, 3, 5],
    ]);
    expect(steps.map(({ learningRate }) => learningRate)).toEqual([1, 2, 3, 4, 5, 6].map((n) => 0.1 / n));
    const losses = steps.slice(0, 3).map(({ loss }) => loss);
    expect(epochs[0]?.loss).toBeCloseTo(losses.reduce((a, b) => a + b) / 3, 6);
    expect(history.epochs).toEqual(epochs);
  });

  it("ends at a signal with what was reached", async () => {
    const controller = new AbortController();
    const model = smallNet();
    const before = await numbersOf(model);
    const history = await fit(model, batchesOf(3), {
      loss: crossEntropy,
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 100,
      signal: controller.signal,
      callbacks: [{ onStep: (_, { step }) => (step === 3 ? controller.abort() : undefined) }],
    });
    expect(history.stopped).toBe(true);
    expect(history.epochs).toHaveLength(1);
    expect(history.steps).toBe(5); // the one that was under way is done
    expect(await numbersOf(model)).not.toEqual(before);
  });

  it("refuses data without batches, empty batches, labels out of range", async () => {
    const options = { loss: crossEntropy, optimizer: sgd({ learningRate: 0.1 }), epochs: 1 };
    await expect(fit(smallNet(), [], options)).rejects.toThrow(/there are no batches/);
    const empty = { x: tensor(new Float32Array(0), { shape: [0, 1, 6, 6] }), y: tensor(new Int32Array(0)) };
    await expect(fit(smallNet(), [batchOf(0), empty], options)).rejects.toThrow(/the batch is empty/);
    const wrong = { ...batchOf(1), y: tensor(Int32Array.of(0, -1, 0, 0)) };
    await expect(fit(smallNet(), [batchOf(0), wrong], options)).rejects.toThrow(/label -1 at index 1/);
  });

  it("counts rows that only fill up neither in the gradient nor in the figures", async () => {
    const [x, y] = [tensor([[1], [2], [7]]), tensor([[3], [5], [-9]])];
    const mask = tensor([1, 1, 0]);
    const run = async (batch: LabelledBatch): Promise<readonly [number | undefined, object]> => {
      const model = new Linear(1, 1);
      model.weight.load(Float32Array.of(1));
      model.bias?.load(Float32Array.of(0));
      const history = await fit(model, [batch], {
        loss: mseLoss,
        optimizer: sgd({ learningRate: 0.1 }),
        epochs: 1,
        validation: [batch],
      });
      return [history.epochs[0]?.validation?.loss, await numbersOf(model)] as const;
    };
    const padded = await run({ x, y, mask });
    const plain = await run({ x: tensor([[1], [2]]), y: tensor([[3], [5]]) });
    expect(padded[0]).toBeCloseTo(plain[0] ?? Number.NaN, 5);
    expect(padded[1]).toEqual(plain[1]);
  });
});

describe("evaluate", () => {
  it("does not depend on how examples are batched", async () => {
    const model = smallNet();
    const [x, y] = [batchOf(0, 6).x, batchOf(0, 6).y];
    const [pixels, labels] = [await x.data(), await y.data()];
    const part = (from: number, to: number): LabelledBatch => ({
      x: tensor(pixels.slice(from * 36, to * 36), { shape: [to - from, 1, 6, 6] }),
      y: tensor(labels.slice(from, to)),
    });
    const metrics = { accuracy, loss: meanLoss(crossEntropy) };
    const whole = await evaluate(model, [{ x, y }], metrics);
    const parts = await evaluate(model, [part(0, 1), part(1, 4), part(4, 6)], metrics);
    expect(parts.accuracy).toBeCloseTo(whole.accuracy, 6);
    expect(parts.loss).toBeCloseTo(whole.loss, 5);
  });

  it("takes metrics of one's own, and refuses no data", async () => {
    const model = new Linear(1, 1);
    model.weight.load(Float32Array.of(2));
    model.bias?.load(Float32Array.of(0));
    const error = meanOf((outputs, { y }) => outputs.sub(y).abs());
    const batch = { x: tensor([[1], [2]]), y: tensor([[3], [7]]) };
    expect(await evaluate(model, [batch], { error })).toEqual({ error: 2 });
    await expect(evaluate(model, [], { error })).rejects.toThrow(/there are no batches/);
  });
});

describe("predict", () => {
  it("runs in evaluation mode: the same answer twice, with dropout in the model", async () => {
    const model = smallNet();
    const { x } = batchOf(0);
    const [first, second] = [await predict(model, x), await predict(model, x)];
    expect(first.shape).toEqual([4, 3]);
    expect(await first.array()).toEqual(await second.array());
  });

  it("sees new parameters", async () => {
    const model = new Linear(1, 1, { bias: false });
    const x = tensor([[3]]);
    for (const value of [1, 2]) {
      model.weight.load(Float32Array.of(value));
      expect(await (await predict(model, x)).item()).toBe(3 * value);
    }
  });

  it("names the layer that an input does not fit", async () => {
    await expect(predict(smallNet(), tensor(new Float32Array(49), { shape: [1, 1, 7, 7] }))).resolves.toBeDefined();
    await expect(predict(smallNet(), tensor(new Float32Array(18), { shape: [1, 2, 3, 3] }))).rejects.toThrow(
      /^0: conv: /,
    );
  });
});

describe("progressBar", () => {
  const train = async (isTTY: boolean, columns = 80): Promise<string[]> => {
    const written: string[] = [];
    await fit(smallNet(), batchesOf(3), {
      loss: crossEntropy,
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 2,
      metrics: { accuracy },
      callbacks: [progressBar({ stream: { isTTY, columns, write: (text) => written.push(text) } })],
    });
    return written;
  };

  it("writes a line for each epoch where there is no terminal", async () => {
    const lines = await train(false);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^epoch 2\/2, \d+\.\d s: loss \d\.\d{4}, accuracy \d\.\d{4}\n$/);
  });

  it("writes over one line on a terminal, never wider than it is", async () => {
    const escape = "\u001B[K";
    for (const columns of [0, 80]) {
      const text = (await train(true, columns)).join("");
      for (const drawn of text.split(/[\r\n]/)) expect(drawn.replace(escape, "").length).toBeLessThan(80);
      expect(text).toContain(`\r${escape}epoch 1/2`);
    }
  });
});

describe("what the bar shows", () => {
  const run = {
    model: {},
    epochs: 4,
    epoch: 0,
    batches: 938,
    stop: () => {},
    checkpoint: () => Promise.reject(new Error("none")),
  };
  const step = { epoch: 1, batch: 469, step: 468, loss: 0.2, meanLoss: 0.1234, learningRate: 0.001 };
  const state = trainStep(new Linear(1, 1), sgd({ learningRate: 1 }), (m, { x }: LabelledBatch) =>
    m.forward(x).sum(),
  ).state;

  it("is half full after half of the batches, and knows the time left", () => {
    const line = showProgress({ ...run, state }, step, 46.9, 100);
    expect(line).toBe("epoch 1/4 [===============>                ] 469/938, 46.9 batches/s, loss 0.1234, 0:10 left");
  });

  it("does without the bar where the terminal is narrow or the length unknown", () => {
    expect(showProgress({ ...run, state }, step, 46.9, 40)).toHaveLength(39);
    expect(showProgress({ ...run, state, batches: undefined }, step, 46.9, 80)).toBe(
      "epoch 1/4 batch 469, 46.9 batches/s, loss 0.1234",
    );
  });

  it("shows hours, minutes and seconds", () => {
    expect([5, 75, 4000].map(showTime)).toEqual(["0:05", "1:15", "1:06:40"]);
  });
});
