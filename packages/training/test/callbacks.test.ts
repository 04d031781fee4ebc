// Callbacks of fit: early stopping, best checkpoints, schedules that follow a metric; alone and over a resumption.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear } from "@stria/layers";
import { constant, reduceOnPlateau, sgd, withGroups } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Callback,
  type FitOptions,
  type History,
  type Metric,
  type Run,
  bestCheckpoint,
  checkpoints,
  earlyStopping,
  fit,
  loadModelFile,
  observe,
} from "../src/index.ts";
import { numbersOf } from "./support.ts";

let folder = "";
const file = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-"));
  setSeed(3);
  await useBackend(reference());
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** y = w x, whose w grows by 1 in each epoch: the validation loss of it is whatever `figures` say. */
function scripted(figures: readonly number[]): {
  readonly model: Linear;
  train(callbacks: readonly Callback[], options?: Partial<FitOptions<{ figure: Metric }>>): Promise<History>;
} {
  const model = new Linear(1, 1, { bias: false });
  model.weight.load(Float32Array.of(0));
  const batch = { x: tensor([[1]]), y: tensor([[0]]) };
  // At epoch n (from 1) the weight is n; the figure is read off the script by it.
  const figure: Metric = {
    measure: (outputs) => outputs.reshape([1]),
    start: (saved) => {
      let [weight = 0] = saved ?? [];
      return {
        add: ([value = 0]) => {
          weight = value;
        },
        result: () => figures[Math.round(weight) - 1] ?? Number.NaN,
        save: () => Float64Array.of(weight),
      };
    },
  };
  return {
    model,
    train: (callbacks, options) =>
      fit(model, [batch], {
        loss: (outputs) => outputs.neg().mean(),
        optimizer: sgd({ learningRate: 1 }),
        epochs: figures.length,
        metrics: { figure },
        validation: [batch],
        callbacks,
        ...options,
      }),
  };
}

const monitored = { monitor: "validation.figure", mode: "min" } as const;

describe("earlyStopping", () => {
  it("ends the run after `patience` epochs without a better figure, and goes back to the best model", async () => {
    const { model, train } = scripted([5, 3, 4, 2.95, 3, 2.9, 1]);
    const stopping = earlyStopping({ ...monitored, patience: 2, minDelta: 0.1, restoreBest: true });
    const history = await train([stopping]);
    expect(history).toMatchObject({ stopped: true, steps: 4 }); // 4 and 2.95 are not better than 3 by more than 0.1
    expect([stopping.best, stopping.bestEpoch]).toEqual([3, 2]);
    expect((await numbersOf(model))["weight"]).toEqual([2]);
  });

  it("counts larger as better where told, never NaN, and keeps the last model unless told otherwise", async () => {
    const { model, train } = scripted([1, Number.NaN, 2, 1, 1, 1, 9]);
    const stopping = earlyStopping({ monitor: "validation.figure", mode: "max" });
    expect((await train([stopping])).epochs).toHaveLength(6);
    expect(stopping.bestEpoch).toBe(3);
    expect((await numbersOf(model))["weight"]).toEqual([6]);
  });

  it("goes back to the best model also when the epochs are over; not when it was stopped by someone else", async () => {
    const whole = scripted([2, 1, 3]);
    await whole.train([earlyStopping({ ...monitored, restoreBest: true })]);
    expect((await numbersOf(whole.model))["weight"]).toEqual([2]);
    const stopped = scripted([2, 1, 3, 4]);
    const stop: Callback = { onEpochEnd: (run, { epoch }) => (epoch === 3 ? run.stop() : undefined) };
    await stopped.train([earlyStopping({ ...monitored, restoreBest: true }), stop]);
    expect((await numbersOf(stopped.model))["weight"]).toEqual([3]);
  });

  it.each([1, 2, 3, 4])(
    "resumed after epoch %i, it stops where it would have, with the same best model",
    async (at) => {
      const figures = [5, 3, 4, 4, 4, 1];
      const make = (): Callback => earlyStopping({ ...monitored, patience: 3, restoreBest: true });
      const whole = scripted(figures);
      const expected = await whole.train([make()]);
      const killed = scripted(figures);
      const die: Callback = {
        onStart: () => undefined,
        onStep: (_, { epoch }) => {
          if (epoch === at + 1) throw new Error("killed");
        },
      };
      // The checkpoint stands first in the list and has what the other callbacks know all the same.
      await expect(killed.train([checkpoints(file("run")), make(), die])).rejects.toThrow("killed");
      const resumed = scripted(figures);
      const history = await resumed.train([make()], { resume: file("run") });
      expect(history.steps).toBe(expected.steps);
      expect(history.stopped).toBe(true);
      expect(await numbersOf(resumed.model)).toEqual(await numbersOf(whole.model));
      // Once stopped, it stays so.
      const again = scripted(figures);
      await again.train([checkpoints(file("end")), make()]);
      const third = scripted(figures);
      expect(await third.train([make()], { resume: file("end") })).toMatchObject({ epochs: [], stopped: true });
      expect(await numbersOf(third.model)).toEqual(await numbersOf(whole.model));
    },
  );

  it("refuses what it cannot do", async () => {
    expect(() => earlyStopping({ monitor: "accuracy" })).toThrow(/"accuracy" is better smaller or larger is not said/);
    expect(() => earlyStopping({ patience: 0 })).toThrow(/patience is 0/);
    expect(() => earlyStopping({ minDelta: -1 })).toThrow(/minDelta is -1/);
    await expect(scripted([1]).train([earlyStopping({ monitor: "validation.wer_error" })])).rejects.toThrow(
      /no figure "validation\.wer_error".*figure, loss, validation\.figure, validation\.loss/,
    );
    await expect(scripted([1]).train([earlyStopping(), earlyStopping()])).rejects.toThrow(
      /two callbacks are named "earlyStopping"/,
    );
  });
});

describe("bestCheckpoint", () => {
  it("keeps the best epoch, over a resumption too", async () => {
    const figures = [3, 1, 2, 0.5, 4];
    const make = () => bestCheckpoint(file("best"), monitored);
    const first = make();
    await scripted(figures).train([first, checkpoints(file("run"))], { epochs: 3 });
    expect([first.best, first.bestEpoch]).toEqual([1, 2]);
    const load = async (): Promise<unknown> => {
      const model = new Linear(1, 1, { bias: false });
      await loadModelFile(file("best"), model);
      return (await numbersOf(model))["weight"];
    };
    expect(await load()).toEqual([2]);
    const second = make();
    await scripted(figures).train([second], { resume: file("run") });
    expect(second.bestEpoch).toBe(4);
    expect(await load()).toEqual([4]);
  });
});

describe("observe", () => {
  it("lowers the rate when the figure does not fall, and a resumed run goes on with it, also in a group", async () => {
    const figures = [1, 1, 1, 1, 1, 1];
    const start = () => {
      const schedule = reduceOnPlateau(1, { patience: 1, factor: 0.5 });
      const optimizer = withGroups(sgd({ learningRate: constant(0) }), [
        { parameters: "weight", optimizer: sgd({ learningRate: schedule }) },
      ]);
      return { schedule, optimizer };
    };
    const whole = start();
    await scripted(figures).train([observe(whole.schedule, "validation.figure")], {
      optimizer: whole.optimizer,
      epochs: 5,
    });
    expect(whole.schedule.save()).toMatchObject({ rate: 0.25 });
    const first = start();
    await scripted(figures).train([checkpoints(file("run")), observe(first.schedule, "validation.figure")], {
      optimizer: first.optimizer,
      epochs: 2,
    });
    const second = start();
    await scripted(figures).train([observe(second.schedule, "validation.figure")], {
      optimizer: second.optimizer,
      epochs: 5,
      resume: file("run"),
    });
    expect(second.schedule.save()).toEqual(whole.schedule.save());
    await expect(scripted(figures).train([], { resume: file("run") })).rejects.toThrow(
      /state of 1 schedules, the optimizer follows 0/,
    );
    expect(() => second.schedule.restore({ rate: "high" })).toThrow(/is no state of it/);
  });
});

it("tells callbacks what they ask for, one after the other, and of the end", async () => {
  const told: string[] = [];
  const watch = (name: string): Callback => {
    const note = (what: string) => (run: Run) => void told.push(`${name} ${what} ${run.epoch}`);
    return { onStart: note("start"), onEpochEnd: note("epoch"), afterEpoch: note("after"), onEnd: note("end") };
  };
  await scripted([1]).train([watch("a"), watch("b")]);
  expect(told).toEqual([
    "a start 0",
    "b start 0",
    "a epoch 1",
    "b epoch 1",
    "a after 1",
    "b after 1",
    "a end 1",
    "b end 1",
  ]);
});
