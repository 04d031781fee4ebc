// Several batches that make one step: the step of all of them as one batch.
import { type Tensor, concat, setSeed, slice, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { type Module, conv2d, crossEntropy, dense, dropout, flatten, sequential } from "@stria/layers";
import { adam, adamW, chain, clipByGlobalNorm, cosine, ema, linear, sgd, withAverage } from "@stria/optimizers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  type LabelledBatch,
  type StepReport,
  checkpointBytes,
  fit,
  restoreCheckpoint,
  trainStep,
} from "../src/index.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

beforeEach(async () => {
  setSeed(11);
  await useBackend(reference());
});

/** Without batch normalisation and dropout, which see each batch by itself. */
function plainNet(): Module {
  return sequential([conv2d(3, 3, { activation: "tanh" }), flatten(), dense(3)], { inputShape: [1, 6, 6] });
}

const loss = (m: Module, { x, y }: LabelledBatch): Tensor => crossEntropy(m.forward(x), y);

/** `batch` in parts of these sizes. */
function parts(batch: LabelledBatch, sizes: readonly number[]): LabelledBatch[] {
  let from = 0;
  return sizes.map((size) => {
    const part = (of: Tensor): Tensor =>
      slice(of, [from, ...of.shape.slice(1).map(() => 0)], [size, ...of.shape.slice(1)]);
    const found = { x: part(batch.x), y: part(batch.y) };
    from += size;
    return found;
  });
}

async function expectSame(model: Module, other: Module, digits = 6): Promise<void> {
  const [found, expected] = [await numbersOf(model), await numbersOf(other)];
  for (const [path, values] of Object.entries(expected))
    for (const [index, value] of values.entries()) expect(found[path]?.[index]).toBeCloseTo(value, digits);
}

describe("trainStep with accumulate", () => {
  it("steps as on the concatenated batch, with batches of unequal sizes, a schedule, clipping, decay and an average", async () => {
    const optimizer = () =>
      withAverage(
        chain(clipByGlobalNorm(0.05), adamW({ learningRate: linear(0.01, 0, 10), weightDecay: 0.1 })),
        ema(0.9),
      );
    const [whole, split] = [plainNet(), plainNet()];
    const wholeStep = trainStep(whole, optimizer(), loss);
    const splitStep = trainStep(split, optimizer(), loss, { accumulate: 3 });
    for (let number = 0; number < 3; number++) {
      const batch = batchOf(number, 6);
      await wholeStep(batch);
      for (const part of parts(batch, [1, 3, 2])) await splitStep(part);
      expect(splitStep.state.steps).toBe(number + 1);
      await expectSame(split, whole);
    }
    const [found, expected] = [splitStep.state.average(), wholeStep.state.average()];
    for (const [path, average] of expected)
      for (const [index, value] of (await average.data()).entries())
        expect((await found.get(path)?.data())?.[index]).toBeCloseTo(value, 6);
  });

  it("changes no parameter between steps, and finishes a smaller group when asked", async () => {
    const [whole, split] = [plainNet(), plainNet()];
    const splitStep = trainStep(split, sgd({ learningRate: 0.1 }), loss, { accumulate: 4 });
    const before = await numbersOf(split);
    const batch = batchOf(0, 6);
    for (const part of parts(batch, [4, 2])) await splitStep(part);
    expect(await numbersOf(split)).toEqual(before);
    expect(splitStep.state.steps).toBe(0);
    await splitStep.finish();
    await splitStep.finish(); // nothing waits any more
    expect(splitStep.state.steps).toBe(1);
    await trainStep(whole, sgd({ learningRate: 0.1 }), loss)(batch);
    await expectSame(split, whole);
  });

  it("draws other noise for each batch of a step", async () => {
    const model = sequential([flatten(), dropout(0.5), dense(3)], { inputShape: [1, 6, 6] });
    const step = trainStep(model, sgd({ learningRate: 0 }), loss, { accumulate: 3 });
    const losses = [];
    for (let i = 0; i < 3; i++) losses.push((await step(batchOf(0))).loss);
    expect(new Set(losses).size).toBe(3);
  });

  it("goes on from a checkpoint between two batches of a step to the same bits; without accumulate it says so", async () => {
    const make = (model: Module) => trainStep(model, adam({ learningRate: 0.01 }), loss, { accumulate: 3 });
    const [whole, first, second] = [smallNet(), smallNet(), smallNet()];
    const wholeStep = make(whole);
    for (let i = 0; i < 6; i++) await wholeStep(batchOf(i));
    const firstStep = make(first);
    for (let i = 0; i < 4; i++) await firstStep(batchOf(i));
    const bytes = await checkpointBytes(firstStep);
    const secondStep = make(second);
    await secondStep(batchOf(9)); // what waits is replaced
    restoreCheckpoint(secondStep, bytes);
    for (let i = 4; i < 6; i++) await secondStep(batchOf(i));
    expect(await numbersOf(second)).toEqual(await numbersOf(whole));
    const other = trainStep(smallNet(), adam({ learningRate: 0.01 }), loss);
    expect(() => restoreCheckpoint(other, bytes)).toThrow(/1 batches wait for a step.*accumulate/);
  });

  it("holds no memory but the model's, the optimizer's and the sums after many steps", async () => {
    const backend = reference();
    await useBackend(backend);
    const step = trainStep(smallNet(), adam({ learningRate: 0.01 }), loss, { accumulate: 3 });
    const batch = batchOf(0);
    for (let i = 0; i < 6; i++) await step(batch);
    const after = backend.memory();
    for (let i = 0; i < 60; i++) await step(batch);
    expect(backend.memory()).toEqual(after);
  });

  it("refuses what is no number of batches, and a bad batch without a trace", async () => {
    for (const accumulate of [0, 1.5, -1])
      expect(() => trainStep(plainNet(), sgd({ learningRate: 1 }), loss, { accumulate })).toThrow(
        /accumulate is .* whole number of batches/,
      );
    const model = plainNet();
    const step = trainStep(model, sgd({ learningRate: 0.1 }), loss, { accumulate: 2 });
    await step(batchOf(0));
    await expect(step({ ...batchOf(0), x: batchOf(0).y })).rejects.toThrow(/^0: conv/);
    expect(step.state.sums?.batches).toBe(1);
    await step(batchOf(1));
    expect(step.state.steps).toBe(1);
  });
});

describe("fit with accumulate", () => {
  it("is fit on larger batches: steps, losses, rates, and the smaller last group of an epoch", async () => {
    const [whole, split] = [plainNet(), plainNet()];
    const small = batchesOf(5, 2);
    const joined = (of: readonly LabelledBatch[]): LabelledBatch => ({
      x: concat(
        of.map(({ x }) => x),
        0,
      ),
      y: concat(
        of.map(({ y }) => y),
        0,
      ),
    });
    const large = [joined(small.slice(0, 2)), joined(small.slice(2, 4)), joined(small.slice(4))];
    const run = async (
      model: Module,
      data: LabelledBatch[],
      accumulate: number,
    ): Promise<{ readonly steps: StepReport[]; readonly losses: number[] }> => {
      const steps: StepReport[] = [];
      const history = await fit(model, data, {
        loss: crossEntropy,
        optimizer: adam({ learningRate: cosine(0.02, { steps: 6 }) }),
        epochs: 2,
        accumulate,
        callbacks: [{ onStep: (_, step) => void steps.push(step) }],
      });
      expect(history.steps).toBe(6);
      return { steps, losses: history.epochs.map((epoch) => epoch.loss) };
    };
    const expected = await run(whole, large, 1);
    const found = await run(split, small, 2);
    await expectSame(split, whole, 5);
    expect(found.steps.map(({ batch, step }) => [batch, step])).toEqual([
      [2, 0],
      [4, 1],
      [5, 2],
      [2, 3],
      [4, 4],
      [5, 5],
    ]);
    for (const [index, { loss: value, learningRate }] of expected.steps.entries()) {
      expect(found.steps[index]?.loss).toBeCloseTo(value, 5);
      expect(found.steps[index]?.learningRate).toBe(learningRate);
    }
    for (const [index, value] of expected.losses.entries()) expect(found.losses[index]).toBeCloseTo(value, 5);
  });

  it("weighs padded batches by the rows that count", async () => {
    const { x, y } = batchOf(0, 4);
    const [whole, split] = [plainNet(), plainNet()];
    const options = { loss: crossEntropy, epochs: 1 };
    await fit(whole, [{ x: slice(x, [0, 0, 0, 0], [3, 1, 6, 6]), y: slice(y, [0], [3]) }], {
      ...options,
      optimizer: sgd({ learningRate: 0.1 }),
    });
    const [first, second] = parts({ x, y }, [2, 2]);
    const mask = (...values: number[]): { mask: Tensor } => ({ mask: tensor(values) });
    if (!first || !second) throw new Error("no parts");
    await fit(
      split,
      [
        { ...first, ...mask(1, 1) },
        { ...second, ...mask(1, 0) },
      ],
      {
        ...options,
        optimizer: sgd({ learningRate: 0.1 }),
        accumulate: 2,
      },
    );
    expect(await numbersOf(split)).not.toEqual(await numbersOf(plainNet()));
    await expectSame(split, whole);
  });
});
