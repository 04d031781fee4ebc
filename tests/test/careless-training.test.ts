// Training by careless users: steps that overlap, models that change, errors of the user's own in every place. The model stays whole.
import { beforeAll, describe, expect, it } from "vitest";
import { type Backend, type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { cpu } from "@stria/backend-cpu";
import { Linear, Module, batchNorm1d, crossEntropy, dense, dropout, relu, sequential, stateDict } from "@stria/layers";
import { adam } from "@stria/optimizers";
import {
  type Callback,
  type FitOptions,
  type LabelledBatch,
  type MetricTable,
  accuracy,
  checkpointBytes,
  evaluate,
  fit,
  predict,
  restoreCheckpoint,
  trainStep,
} from "@stria/training";

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend(cpu({ threads: 1, deterministic: true }));
});

const net = (): Module => {
  setSeed(3);
  return sequential([dense(8), batchNorm1d(), relu(), dropout(0.3), dense(3)], { inputShape: [4] });
};
const batchOf = (seed: number): LabelledBatch => ({
  x: tensor(
    Float32Array.from({ length: 24 }, (_, index) => Math.sin(index + seed)),
    { shape: [6, 4] },
  ),
  y: tensor(Int32Array.from({ length: 6 }, (_, index) => (index + seed) % 3)),
});
const batches = [0, 1, 2, 3].map(batchOf);
const loss = (model: Module, { x, y }: LabelledBatch): Tensor => crossEntropy(model.forward(x), y);
const stepOf = (model: Module): ReturnType<typeof trainStep<Module>> =>
  trainStep(model, adam({ learningRate: 0.01 }), loss);
const options = (more: object = {}): FitOptions<MetricTable> => ({
  loss: crossEntropy,
  optimizer: adam({ learningRate: 0.01 }),
  epochs: 2,
  ...more,
});
async function numbersOf(model: Module): Promise<unknown> {
  return Promise.all(
    [...stateDict(model)].map(async ([path, value]) => {
      const numbers = await value.array();
      value.dispose();
      return [path, numbers];
    }),
  );
}
/** The model after steps on `count` batches, one after the other. */
async function straight(count: number): Promise<unknown> {
  const model = net();
  const step = stepOf(model);
  for (let index = 0; index < count; index++) await step(batchOf(index));
  return numbersOf(model);
}

describe("steps that nobody waits for", () => {
  it("are those that somebody waits for", async () => {
    const model = net();
    const step = stepOf(model);
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((index) => step(batchOf(index))));
    expect(await numbersOf(model)).toEqual(await straight(8));
  });

  it("are not changed by evaluations and predictions between them", async () => {
    const model = net();
    const step = stepOf(model);
    const pending: Promise<unknown>[] = [];
    for (let index = 0; index < 4; index++) {
      pending.push(step(batchOf(index)), evaluate(model, batches, { accuracy }), predict(model, batchOf(0).x));
    }
    await Promise.all(pending);
    expect(await numbersOf(model)).toEqual(await straight(4));
  });

  it("a checkpoint between them is of the steps before it", async () => {
    const model = net();
    const step = stepOf(model);
    const first = step(batchOf(0));
    const saving = checkpointBytes(step);
    const [saved] = await Promise.all([saving, first, step(batchOf(1))]);
    const after = await numbersOf(model);
    restoreCheckpoint(step, saved);
    expect(step.state.steps).toBe(1);
    await step(batchOf(1));
    expect(await numbersOf(model)).toEqual(after);
  });

  it("a batch that is disposed of meanwhile is used all the same", async () => {
    const step = stepOf(net());
    const batch = batchOf(0);
    const pending = step(batch);
    batch.x.dispose();
    expect((await pending).loss).toBeGreaterThan(0);
  });
});

describe("an error of the user's own comes out as it is, and the next run is right", () => {
  const mine = new Error("mine");
  const throwing = (name: keyof Callback): Callback => ({
    name: "mine",
    [name]: () => {
      throw mine;
    },
  });
  let closed = false;
  function* failing(): Generator<LabelledBatch> {
    try {
      yield batchOf(0);
      throw mine;
    } finally {
      closed = true;
    }
  }
  async function* rejecting(): AsyncGenerator<LabelledBatch> {
    yield batchOf(0);
    await Promise.reject(mine);
  }
  const runs: readonly [string, (model: Module) => Promise<unknown>][] = [
    ["in onStart", (model) => fit(model, batches, options({ callbacks: [throwing("onStart")] }))],
    ["in onStep", (model) => fit(model, batches, options({ callbacks: [throwing("onStep")] }))],
    ["in onEpochEnd", (model) => fit(model, batches, options({ callbacks: [throwing("onEpochEnd")] }))],
    ["in onEnd", (model) => fit(model, batches, options({ callbacks: [throwing("onEnd")] }))],
    ["in an iterator", (model) => fit(model, { [Symbol.iterator]: failing }, options())],
    ["in an asynchronous iterator", (model) => fit(model, { [Symbol.asyncIterator]: rejecting }, options())],
    [
      "in the loss",
      (model) =>
        fit(
          model,
          batches,
          options({
            loss: () => {
              throw mine;
            },
          }),
        ),
    ],
  ];
  it.each(runs)("%s", async (_, run) => {
    closed = false;
    const { bytes } = backend.memory();
    await expect(run(net())).rejects.toBe(mine);
    const [one, two] = [net(), net()];
    await fit(one, batches, options());
    setSeed(3);
    await fit(two, batches, options());
    expect(await numbersOf(one)).toEqual(await numbersOf(two));
    expect(backend.memory().bytes - bytes).toBeLessThan(10_000); // three models of 300 bytes, until they are collected
  });

  it("the iterator is closed, also when it is a step that fails", async () => {
    function* watched(): Generator<LabelledBatch> {
      try {
        yield { ...batchOf(0), y: tensor(Int32Array.of(9, 0, 0, 0, 0, 0)) };
      } finally {
        closed = true;
      }
    }
    closed = false;
    await expect(fit(net(), { [Symbol.iterator]: watched }, options())).rejects.toThrow(/label 9 at index 0/);
    expect(closed).toBe(true);
  });
});

describe("a model that is changed between steps is trained as it is then", () => {
  class Net extends Module {
    head = new Linear(4, 3);
    override forward(x: Tensor): Tensor {
      return this.head.forward(x);
    }
  }
  it.each([3, 5])("with another layer of %i outputs", async (outputs) => {
    const model = new Net();
    const step = trainStep(model, adam({ learningRate: 0.1 }), (m, { x, y }: LabelledBatch) =>
      crossEntropy(m.forward(x), y),
    );
    await step(batchOf(0));
    await step(batchOf(1));
    model.head = new Linear(4, outputs);
    const before = await model.head.weight.value.array();
    await step(batchOf(0));
    expect(await model.head.weight.value.array()).not.toEqual(before);
    expect((await predict(model, batchOf(0).x)).shape).toEqual([6, outputs]);
  });

  it("with another class of the same fields", async () => {
    class Twice extends Module {
      override forward(x: Tensor): Tensor {
        return x.mul(2);
      }
    }
    class Thrice extends Module {
      override forward(x: Tensor): Tensor {
        return x.mul(3);
      }
    }
    class Holder extends Module {
      inner: Module = new Twice();
      override forward(x: Tensor): Tensor {
        return this.inner.forward(x);
      }
    }
    const model = new Holder();
    const read = async (): Promise<number> => (await predict(model, tensor([1]))).item();
    expect(await read()).toBe(2);
    model.inner = new Thrice();
    expect(await read()).toBe(3);
  });
});
