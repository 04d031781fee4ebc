// What a checkpoint holds: the whole run; and what it cannot give back is named.
import { setSeed, uniform } from "@stria/core";
import { Linear } from "@stria/layers";
import { ema, reduceOnPlateau, sgd, withAverage } from "@stria/optimizers";
import { describe, expect, it } from "vitest";
import {
  type Callback,
  type CallbackState,
  type History,
  accuracy,
  checkpointBytes,
  checkpoints,
  earlyStopping,
  jsonLog,
  restoreCheckpoint,
  trainStep,
} from "../src/index.ts";
import { decodeRunState } from "../src/checkpoint/run-state.ts";
import { fileIn, loss, pair, train } from "./support-keep.ts";

const file = fileIn();

describe("a checkpoint holds the whole run", () => {
  it("figures of the epoch under way: the history of a resumed run is that of one that was not stopped", async () => {
    const metrics = { accuracy };
    const whole = await train({ metrics });
    for (const at of [0, 5, 6]) {
      const die: Callback = {
        onStep: (_, { step }) => {
          if (step === at + 1) throw new Error("killed");
        },
      };
      await expect(
        train({ metrics, callbacks: [checkpoints(file("run"), { everySteps: at + 1 }), die] }),
      ).rejects.toThrow("killed");
      const { epochs } = await train({ metrics, resume: file("run") });
      const timeless = (of: History): object[] => of.epochs.map((epoch) => ({ ...epoch, seconds: 0 }));
      expect(timeless({ epochs, steps: 0, stopped: false })).toEqual(timeless(whole).slice(-epochs.length));
    }
  });

  it("the average, the rate of a schedule that follows a metric, and the draws outside of steps", async () => {
    const learningRate = reduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
    const step = trainStep(new Linear(1, 1), withAverage(sgd({ learningRate }), ema(0.5)), loss);
    await step(pair());
    for (const metric of [1, 1, 1]) learningRate.observe(metric);
    uniform([2]);
    const bytes = await checkpointBytes(step);
    const next = await uniform([2]).data();
    const other = reduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
    setSeed(8);
    const second = trainStep(new Linear(1, 1), withAverage(sgd({ learningRate: other }), ema(0.5)), loss);
    restoreCheckpoint(second, bytes);
    expect(other.save()).toEqual(learningRate.save());
    expect(other(1)).toBe(0.05);
    expect(await uniform([2]).data()).toEqual(next);
    expect(await second.state.average().get("weight")?.data()).toEqual(
      await step.state.average().get("weight")?.data(),
    );
    const plain = trainStep(new Linear(1, 1), sgd({ learningRate: 1 }), loss);
    expect(() => plain.state.average()).toThrow(/the optimizer keeps no average.*withAverage/);
  });
});

describe("what a checkpoint cannot give back is named", () => {
  const named = (name: string, state: CallbackState): Callback => ({ name, save: () => state });

  it.each<[string, Callback, Callback, RegExp]>([
    [
      "another state under the name of early stopping",
      named("earlyStopping", { waited: "long" }),
      earlyStopping(),
      /earlyStopping: the checkpoint has another state/,
    ],
    [
      "another value in it",
      named("earlyStopping", { waited: 1, value: "low", epoch: 1 }),
      earlyStopping(),
      /earlyStopping: the checkpoint has another state/,
    ],
    [
      "another length of a log",
      named("jsonLog log", { length: "long" }),
      jsonLog("log"),
      /jsonLog: the checkpoint has another state/,
    ],
  ])("%s", async (_, saved, restored, message) => {
    await train({ epochs: 1, callbacks: [saved, checkpoints(file("run"))] });
    await expect(train({ callbacks: [restored], resume: file("run") })).rejects.toThrow(message);
  });

  it("takes back plain data and bytes, and leaves what nobody asks for", async () => {
    const state = { number: 0.1, text: "é", flag: true, none: null, bytes: Uint8Array.of(1, 2, 255) };
    await train({ epochs: 1, callbacks: [named("mine", state), named("lost", { a: 1 }), checkpoints(file("run"))] });
    const found: CallbackState[] = [];
    const mine: Callback = { name: "mine", restore: (saved) => void found.push(saved) };
    await train({
      callbacks: [mine, { name: "new", restore: (saved) => void found.push(saved) }],
      resume: file("run"),
    });
    expect(found).toEqual([state]);
  });

  it.each<[string, string]>([
    ["no JSON", "{"],
    ["no list", "{}"],
    ["no pairs", "[1]"],
    ["no names", "[[1, 2]]"],
    ["nested data", '[["a", [["b", {}]]]]'],
  ])("refuses callbacks that are %s", (_, text) => {
    expect(() => decodeRunState(new Map(), text)).toThrow(/what it keeps of callbacks cannot be read/);
  });

  it("refuses figures that are no numbers", () => {
    const tensors = new Map([["run:totals/", { shape: [3], dtype: "uint8" as const, data: new Uint8Array(3) }]]);
    expect(() => decodeRunState(tensors, "[]")).toThrow(/cannot be read/);
  });
});
