// The training step: what it computes, what it leaves behind, and what it refuses.
import { type Tensor, checkpoint, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { BatchNorm2d, Linear, Module, crossEntropy, mseLoss } from "@stria/layers";
import { adam, chain, clipByGlobalNorm, linear, sgd } from "@stria/optimizers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type LabelledBatch, trainStep } from "../src/index.ts";
import { batchOf, numbersOf, smallNet } from "./support.ts";

interface Pair {
  readonly x: Tensor;
  readonly y: Tensor;
}

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

function line(): Linear {
  const model = new Linear(1, 1);
  model.weight.load(Float32Array.of(1));
  model.bias?.load(Float32Array.of(0));
  return model;
}

describe("trainStep", () => {
  it("with the model behind checkpoint: the same losses, parameters, statistics and dropout", async () => {
    const run = async (wrap: (f: (x: Tensor) => Tensor) => (x: Tensor) => Tensor): Promise<unknown> => {
      setSeed(3);
      const model = smallNet();
      const step = trainStep(model, adam({ learningRate: 1e-2 }), (m, { x, y }: LabelledBatch) =>
        crossEntropy(wrap((each) => m.forward(each))(x), y),
      );
      const losses = [(await step(batchOf(0))).loss, (await step(batchOf(1))).loss, (await step(batchOf(2))).loss];
      return { losses, numbers: await numbersOf(model) };
    };
    expect(await run(checkpoint)).toEqual(await run((f) => f));
  });

  it("descends along the gradient: y = w x + b on (1, 3) and (2, 5), by hand", async () => {
    const model = line();
    const step = trainStep(model, sgd({ learningRate: 0.1 }), (m, { x, y }: Pair) => mseLoss(m.forward(x), y));
    const pair = { x: tensor([[1], [2]]), y: tensor([[3], [5]]) };
    // errors -2, -3: loss 6.5, dw = (-2 x 1 - 3 x 2) = -8, db = -5
    expect((await step(pair)).loss).toBeCloseTo(6.5, 6);
    const { weight, bias } = await numbersOf(model);
    expect(weight?.[0]).toBeCloseTo(1.8, 6);
    expect(bias?.[0]).toBeCloseTo(0.5, 6);
    expect(step.state.steps).toBe(1);
  });

  it("follows a schedule without tracing again", async () => {
    const model = line();
    const step = trainStep(model, sgd({ learningRate: linear(0.1, 0, 2) }), (m, { x, y }: Pair) =>
      mseLoss(m.forward(x), y),
    );
    const pair = { x: tensor([[0]]), y: tensor([[1]]) };
    const graph = step.graph(pair);
    const losses = [(await step(pair)).loss, (await step(pair)).loss, (await step(pair)).loss, (await step(pair)).loss];
    // b: 0, + 0.2, + 0.05 x 1.6, then the rate is 0
    for (const [index, b] of [0, 0.2, 0.28, 0.28].entries()) expect(losses[index]).toBeCloseTo((1 - b) ** 2, 5);
    expect(step.graph(pair)).toBe(graph);
  });

  it("reports a scalar that does not depend on the step", async () => {
    const step = trainStep(new Linear(1, 1), sgd({ learningRate: 0.1 }), (model, { x, y }: Pair) => ({
      loss: mseLoss(model.forward(x), y),
      weight: tensor(3),
    }));
    const batch = { x: tensor([[1]]), y: tensor([[2]]) };
    expect((await step(batch)).weight).toBe(3);
    expect((await step(batch)).weight).toBe(3);
  });

  it("reports other scalars beside the loss, as numbers", async () => {
    const step = trainStep(line(), sgd({ learningRate: 0 }), (m, { x, y }: Pair) => {
      const output = m.forward(x);
      return { loss: mseLoss(output, y), mean: output.mean() };
    });
    const { loss, mean } = await step({ x: tensor([[1], [3]]), y: tensor([[1], [3]]) });
    expect([loss, mean]).toEqual([0, 2]);
  });

  it("holds no memory but the model's and the optimizer's after many steps", async () => {
    const model = smallNet();
    const step = trainStep(model, chain(clipByGlobalNorm(1), adam({ learningRate: 1e-3 })), (m, { x, y }: Pair) =>
      crossEntropy(m.forward(x), y),
    );
    const batch = batchOf(0);
    await step(batch);
    await step(batch); // what is used again stays on the device
    const after = backend.memory();
    for (let i = 0; i < 30; i++) await step(batch);
    expect(backend.memory()).toEqual(after);
  });

  it("starts steps before earlier ones are read, in order", async () => {
    const [model, other] = [smallNet(), smallNet()];
    const loss = (m: Module, { x, y }: Pair): Tensor => crossEntropy(m.forward(x), y);
    const step = trainStep(model, adam({ learningRate: 0.01 }), loss);
    const same = trainStep(other, adam({ learningRate: 0.01 }), loss);
    const pending = [0, 1, 2].map((number) => step.enqueue(batchOf(number)).loss);
    const waited = [(await same(batchOf(0))).loss, (await same(batchOf(1))).loss, (await same(batchOf(2))).loss];
    expect(await Promise.all(pending)).toEqual(waited);
    expect(await numbersOf(model)).toEqual(await numbersOf(other));
  });

  it("moves running statistics, and not those of layers that stay in evaluation mode", async () => {
    const loss = (m: Module, { x, y }: Pair): Tensor => crossEntropy(m.forward(x), y);
    const [moved, kept] = [smallNet(), smallNet()];
    await trainStep(moved, sgd({ learningRate: 0 }), loss)(batchOf(0));
    await trainStep(kept, sgd({ learningRate: 0 }), loss, { evaluate: ["1"] })(batchOf(0));
    expect((await numbersOf(moved))["1.num_batches_tracked"]).toEqual([1]);
    expect((await numbersOf(kept))["1.num_batches_tracked"]).toEqual([0]);
    expect((await numbersOf(kept))["1.running_mean"]).toEqual([0, 0, 0]);
  });

  it("leaves frozen parameters alone", async () => {
    const model = new Linear(1, 1);
    model.weight.trainable = false;
    const before = await numbersOf(model);
    const step = trainStep(model, adam({ learningRate: 0.1 }), (m, { x, y }: Pair) => mseLoss(m.forward(x), y));
    await step({ x: tensor([[1]]), y: tensor([[9]]) });
    const after = await numbersOf(model);
    expect(after["weight"]).toEqual(before["weight"]);
    expect(after["bias"]).not.toEqual(before["bias"]);
    expect([...step.state.cells().keys()]).toEqual(["optimizer.firstMoment.bias", "optimizer.secondMoment.bias"]);
  });
});

describe("trainStep refuses, and changes nothing", () => {
  const loss = (m: Module, { x, y }: Pair): Tensor => crossEntropy(m.forward(x), y);

  it.each<[string, () => Pair, RegExp]>([
    [
      "a label out of range",
      () => ({ ...batchOf(0), y: tensor(Int32Array.of(0, 1, 3, 2)) }),
      /label 3 at index 2 is not one of 3 classes/,
    ],
    [
      "an empty batch",
      () => ({ x: tensor(new Float32Array(0), { shape: [0, 1, 6, 6] }), y: tensor(new Int32Array(0)) }),
      /the batch is empty: x is \[0, 1, 6, 6\]/,
    ],
    [
      "an input of another size, naming the layer",
      () => ({ ...batchOf(0), x: tensor(new Float32Array(4 * 64), { shape: [4, 1, 8, 8] }) }),
      /^5: matmul: /,
    ],
    ["float labels", () => ({ ...batchOf(0), y: tensor([0, 1, 2, 0]) }), /labels are float32/],
  ])("%s", async (_, bad, message) => {
    const model = smallNet();
    const step = trainStep(model, adam({ learningRate: 0.01 }), loss);
    await step(batchOf(0));
    const before = await numbersOf(model);
    await expect(step(bad())).rejects.toThrow(message);
    expect(await numbersOf(model)).toEqual(before);
    expect(step.state.steps).toBe(1);
    await step(batchOf(1));
  });

  it("a batch of one where batch normalisation has one value a channel", async () => {
    class Net extends Module {
      readonly norm = new BatchNorm2d(2);
      readonly fc = new Linear(2, 2);
      override forward(x: Tensor): Tensor {
        return this.fc.forward(this.norm.forward(x).reshape([-1, 2]));
      }
    }
    const step = trainStep(new Net(), sgd({ learningRate: 0.1 }), loss);
    const one = { x: tensor(new Float32Array(2), { shape: [1, 2, 1, 1] }), y: tensor(Int32Array.of(0)) };
    await expect(step(one)).rejects.toThrow(/^norm: BatchNorm2d: training on \[1, 2, 1, 1\] has one value a channel/);
  });

  it("a model without parameters, a loss that is no scalar, a pattern without layers", async () => {
    class Nothing extends Module {
      override forward(x: Tensor): Tensor {
        return x;
      }
    }
    await expect(trainStep(new Nothing(), sgd({ learningRate: 1 }), loss)(batchOf(0))).rejects.toThrow(
      /no trainable parameters/,
    );
    await expect(
      trainStep(smallNet(), sgd({ learningRate: 1 }), (m, { x }: Pair) => m.forward(x))(batchOf(0)),
    ).rejects.toThrow(/"loss" is \[4, 3\]/);
    const returned = [undefined, null, 3, tensor(1).data(), { total: tensor(1) }, { loss: tensor(1), share: 0.5 }];
    const wrong = [...returned.map((result) => () => result), async (m: Linear, { x }: Pair) => m.forward(x).item()];
    for (const give of wrong)
      await expect(trainStep(line(), sgd({ learningRate: 1 }), give as never)(batchOf(0))).rejects.toThrow(
        /trainStep: the loss function returned neither a tensor nor .* synchronous/s,
      );
    expect(() => trainStep(smallNet(), sgd({ learningRate: 1 }), loss, { evaluate: ["layer9.*"] })).toThrow(
      /no layer matches "layer9\.\*"/,
    );
  });
});

it("warns once when the loss is no number", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const step = trainStep(line(), sgd({ learningRate: 1 }), (m, { x, y }: Pair) => mseLoss(m.forward(x), y));
  const pair = { x: tensor([[1]]), y: tensor([[Infinity]]) };
  await step(pair);
  await step(pair);
  expect(warned.mock.calls).toEqual([[expect.stringMatching(/the loss is Infinity at step 0/)]]);
  warned.mockRestore();
});

it("compiles ahead, the update of several batches too, and shows the graph of a batch", async () => {
  const loss = (m: Linear, { x, y }: Pair): Tensor => mseLoss(m.forward(x), y);
  const pair = { x: tensor([[1]]), y: tensor([[2]]) };
  const step = trainStep(line(), sgd({ learningRate: 0.1 }), loss, { accumulate: 2 });
  await step.ready(pair);
  expect(step.state.steps).toBe(0);
  expect(step.graph(pair).writebacks).toHaveLength(3); // two sums of gradients, and the number of examples
  expect(trainStep(line(), sgd({ learningRate: 0.1 }), loss).graph(pair).writebacks).toHaveLength(2);
});

it("refuses a rate that is no number, and changes nothing", async () => {
  const model = line();
  const step = trainStep(model, sgd({ learningRate: () => Number.NaN }), (m, { x, y }: Pair) =>
    mseLoss(m.forward(x), y),
  );
  await expect(step({ x: tensor([[1]]), y: tensor([[2]]) })).rejects.toThrow(
    /the learning rate of step 0 is NaN.*check the schedule/,
  );
  expect((await numbersOf(model))["weight"]).toEqual([1]);
});
