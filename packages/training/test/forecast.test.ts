// Forecasts: what is measured and what is extrapolated, with a clock of the test's; and that nothing is left of the trial.
import { Parameter, namedCells, randomState, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { BatchNorm1d, Dropout, Linear, Module, Sequential, crossEntropy } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { beforeEach, describe, expect, it } from "vitest";
import { shortSize, shortTime } from "../src/forecast/text.ts";
import { timeBatch } from "../src/forecast/timing.ts";
import { forecastInference, forecastTraining } from "../src/index.ts";

/** A trial on a clock of its own: compiling takes a second, a run a fixed part and one for each example. */
function machine(fixed: number, perExample: number) {
  let time = 0;
  const runs: number[] = [];
  return {
    runs,
    now: () => time,
    trial: {
      ready: () => Promise.resolve(void (time += 1)),
      run: (count: number) => {
        runs.push(count);
        time += fixed + perExample * count;
        return Promise.resolve();
      },
    },
  };
}

describe("the time of a step", () => {
  it("is that of the whole batch where there is time for it", async () => {
    const { trial, now, runs } = machine(0.01, 0.001);
    const timed = await timeBatch(trial, 32, { seconds: 2, now });
    expect(timed.secondsPerStep).toBeCloseTo(0.042, 12);
    expect(timed).toMatchObject({ secondsToCompile: 1, timedBatch: 32 });
    expect(new Set(runs)).toEqual(new Set([4, 32]));
  });

  it("is extrapolated from two smaller batches where there is none", async () => {
    const { trial, now, runs } = machine(0.3, 0.5);
    const timed = await timeBatch(trial, 64, { seconds: 2, now });
    expect(timed.secondsPerStep).toBeCloseTo(32.3, 12);
    expect(timed.timedBatch).toBe(16);
    expect(runs).toEqual([8, 8, 8, 8, 8, 16, 16, 16]);
  });

  it("is extrapolated from as large a batch as there is time for", async () => {
    const { trial, now } = machine(0, 0.5); // 0.667 s a run in 2 s, so nothing above the two smaller ones; 48 of the 64 in 72
    expect((await timeBatch(trial, 64, { seconds: 2, now })).timedBatch).toBe(16);
    expect((await timeBatch(trial, 64, { seconds: 72, now })).timedBatch).toBe(48);
    expect((await timeBatch(trial, 64, { seconds: 96, now })).timedBatch).toBe(64);
  });

  it("of a batch of one or two is measured at once", async () => {
    const { trial, now, runs } = machine(0.5, 0.5);
    expect((await timeBatch(trial, 1, { seconds: 1, now })).secondsPerStep).toBe(1);
    expect(new Set(runs)).toEqual(new Set([1]));
  });

  it("of a slower small batch is no less than what was measured", async () => {
    const { now } = machine(0, 0);
    let time = 0;
    const trial = {
      ready: () => Promise.resolve(),
      run: (count: number) => Promise.resolve(void (time += count > 2 ? 3 : 4)),
    };
    expect((await timeBatch(trial, 16, { seconds: 1, now: () => now() + time })).secondsPerStep).toBe(3);
  });
});

it("times and sizes are said as people say them", () => {
  expect([0.0384, 1, 74.2, 119, 720, 12_240].map(shortTime)).toEqual([
    "38 ms",
    "1 s",
    "74 s",
    "120 s",
    "12 min",
    "3.4 h",
  ]);
  expect([410_200_000, 1_234_000_000, 40_000].map(shortSize)).toEqual(["410 MB", "1.2 GB", "0.04 MB"]);
});

class Net extends Module {
  readonly body = new Sequential([new Linear(6, 8), new BatchNorm1d(8), new Dropout(0.5), new Linear(8, 3)]);
  override forward(x: Parameters<Linear["forward"]>[0]) {
    return this.body.forward(x);
  }
}

function batchOf(rows: number) {
  return {
    x: tensor(
      Float32Array.from({ length: rows * 6 }, (_, index) => Math.sin(index)),
      { shape: [rows, 6] },
    ),
    y: tensor(Int32Array.from({ length: rows }, (_, index) => index % 3)),
  };
}

const training = { loss: crossEntropy, optimizer: adam({ learningRate: 0.1 }), examples: 1000, seconds: 1000 };

describe("a forecast", () => {
  beforeEach(async () => {
    await useBackend(reference());
    setSeed(3);
  });

  const contents = async (model: object) =>
    new Map(
      await Promise.all([...namedCells(model)].map(async ([path, cell]) => [path, await cell.value.array()] as const)),
    );

  it("of training has steps, seconds and bytes, and leaves the model and the random streams as they were", async () => {
    const model = new Net();
    const before = await contents(model);
    const random = randomState();
    const found = await forecastTraining(model, batchOf(16), training);
    expect(found).toMatchObject({ examples: 1000, batchSize: 16, steps: 63, timedBatch: 16 });
    expect(found.secondsPerEpoch).toBe(63 * found.secondsPerStep);
    expect(found.secondsPerStep).toBeGreaterThan(0);
    // 99 parameters, as many gradients, twice as many moments (and Adam's are all: no count of its own), 17 numbers of batch normalisation,
    // and for each example at least its input and both hidden rows.
    expect(found.bytes).toBeGreaterThan(4 * (4 * 99 + 17 + 16 * (6 + 8)));
    expect(found.bytes).toBeLessThan(4 * (4 * 99 + 17 + 16 * 80));
    expect(String(found)).toMatch(/^1,000 examples in batches of 16: [\d.]+ (ms|s|min) an epoch, 0\.0\d+ MB$/);
    expect(await contents(model)).toEqual(before);
    expect(randomState()).toEqual(random);
    expect([...namedCells(model).values()].filter((cell) => cell instanceof Parameter)).toHaveLength(6);
  });

  it("of inference changes nothing either", async () => {
    const model = new Net();
    const before = await contents(model);
    const found = await forecastInference(model, batchOf(8).x, { examples: 20, seconds: 1000 });
    expect(found).toMatchObject({ steps: 3, batchSize: 8, timedBatch: 8 });
    expect(String(found)).toContain("a pass");
    expect(await contents(model)).toEqual(before);
  });

  it("leaves the model as it was when a step fails or it is told to end", async () => {
    const model = new Net();
    const before = await contents(model);
    const wrong = { x: batchOf(4).x, y: batchOf(5).y };
    await expect(forecastTraining(model, wrong, training)).rejects.toThrow(/labels int32\[5\] do not fit/);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(forecastTraining(model, batchOf(4), { ...training, signal })).rejects.toThrow("enough");
    await expect(forecastInference(model, batchOf(4).x, { examples: 1, signal })).rejects.toThrow("enough");
    expect(await contents(model)).toEqual(before);
  });

  it("refuses what it cannot use", async () => {
    const model = new Net();
    const empty = { x: tensor(new Float32Array(0), { shape: [0, 6] }), y: tensor(new Int32Array(0)) };
    await expect(forecastTraining(model, batchOf(4), { ...training, examples: 0 })).rejects.toThrow(
      "forecastTraining: examples is 0. Remedy: pass how many an epoch has.",
    );
    await expect(forecastInference(model, batchOf(4).x, { examples: 1, seconds: 0 })).rejects.toThrow("seconds is 0");
    await expect(forecastTraining(model, empty, training)).rejects.toThrow(/batch is empty/);
  });
});
