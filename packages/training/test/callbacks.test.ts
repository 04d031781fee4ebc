// Callbacks of fit: early stopping, best checkpoints, logs, schedules that follow a metric; alone and over a resumption.
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, crossEntropy, mseLoss } from "@stria/layers";
import { adam, constant, reduceOnPlateau, sgd, withGroups } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Callback,
  type EpochReport,
  type FitOptions,
  type History,
  type Metric,
  type Run,
  accuracy,
  bestCheckpoint,
  checkpoints,
  confusionMatrix,
  csvLog,
  earlyStopping,
  fit,
  jsonLog,
  loadModelFile,
  observe,
} from "../src/index.ts";
import { batchesOf, numbersOf, smallNet } from "./support.ts";

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

describe("logs", () => {
  const options = { loss: crossEntropy, metrics: { accuracy, matrix: confusionMatrix() } };
  const train = (callbacks: readonly Callback[], epochs: number, more: object = {}): Promise<History> =>
    fit(smallNet(), batchesOf(2), {
      ...options,
      validation: batchesOf(1),
      optimizer: adam({ learningRate: 0.01 }),
      epochs,
      callbacks,
      ...more,
    });
  const lines = async (name: string): Promise<string[]> => (await readFile(file(name), "utf8")).split("\n");

  it("a CSV row and a JSON line for each epoch, with the figures of the history", async () => {
    const history = await train([csvLog(file("log.csv")), jsonLog(file("log.jsonl"))], 2);
    const [header, first, second, end] = await lines("log.csv");
    expect(header).toBe("epoch,steps,seconds,learningRate,loss,accuracy,validation.accuracy,validation.loss");
    expect(end).toBe("");
    const epochs: EpochReport[] = [...history.epochs];
    for (const [index, row] of [first, second].entries()) {
      const report = epochs[index];
      expect(row?.split(",").map(Number)).toEqual([
        index + 1,
        2 * (index + 1),
        report?.seconds,
        0.01,
        report?.loss,
        report?.metrics["accuracy"],
        report?.validation?.["accuracy"],
        report?.validation?.loss,
      ]);
    }
    const parsed = (await lines("log.jsonl")).slice(0, 2).map((line): unknown => JSON.parse(line));
    expect(parsed).toEqual(epochs.map((report, index) => ({ ...report, steps: 2 * (index + 1), learningRate: 0.01 })));
  });

  it("adds to what is there, ends a line that was not, and refuses other columns", async () => {
    await writeFile(file("log.jsonl"), '{"old": true}');
    await train([jsonLog(file("log.jsonl")), csvLog(file("log.csv"))], 1);
    await train([jsonLog(file("log.jsonl")), csvLog(file("log.csv"))], 1);
    expect((await lines("log.jsonl")).map((line) => line.slice(0, 9))).toEqual([
      '{"old": t',
      '{"epoch":',
      '{"epoch":',
      "",
    ]);
    expect((await lines("log.csv")).map((line) => line.slice(0, 5))).toEqual(["epoch", "1,2,0", "1,2,0", ""]);
    await writeFile(file("other.csv"), "a,b\n1,2\n");
    await expect(train([csvLog(file("other.csv"))], 1)).rejects.toThrow(/has the columns a,b, the run has epoch,steps/);
    expect(await readFile(file("other.csv"), "utf8")).toBe("a,b\n1,2\n");
  });

  it("a run that was killed and goes on leaves each epoch once", async () => {
    const logs = (): Callback[] => [csvLog(file("log.csv")), jsonLog(file("log.jsonl"))];
    await writeFile(file("log.jsonl"), '{"epoch":7}\n'); // another run's
    await train([...logs(), checkpoints(file("run"))], 2);
    const kept = await readFile(file("log.csv"), "utf8");
    await train([...logs(), { name: "no checkpoint" }], 3, { resume: file("run") }); // it got further, and was lost
    await appendFile(file("log.csv"), "4,8,0.");
    await train(logs(), 4, { resume: file("run") });
    const rows = await lines("log.csv");
    expect(rows.slice(0, 3).join("\n")).toBe(kept.trimEnd());
    expect(rows.map((line) => line.split(",")[0])).toEqual(["epoch", "1", "2", "3", "4", ""]);
    const epochs = (await lines("log.jsonl"))
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { epoch: number }).epoch);
    expect(epochs).toEqual([7, 1, 2, 3, 4]);
  });

  it("names the file that cannot be written", async () => {
    await writeFile(file("blocked"), "");
    await expect(train([jsonLog(join(file("blocked"), "log"))], 1)).rejects.toThrow(/blocked.*(?:ENOTDIR|EEXIST)/);
  });

  it("quotes names, and writes no matrices", async () => {
    const model = new Linear(1, 1);
    await fit(model, [{ x: tensor([[1]]), y: tensor([[2]]) }], {
      loss: mseLoss,
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 1,
      metrics: {
        'a "b", c': {
          measure: (outputs) => outputs.reshape([1]),
          start: () => ({ add() {}, result: () => 1, save: () => new Float64Array() }),
        },
      },
      callbacks: [csvLog(file("log.csv"))],
    });
    expect((await lines("log.csv"))[0]).toBe('epoch,steps,seconds,learningRate,loss,"a ""b"", c"');
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
