// Algorithms chosen by measuring: the clock decides, the numbers stay right, and answers can be kept.
import { at, compile, conv, fromHost, grad, Parameter, type Tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { CpuBackend } from "../src/backend.ts";
import { cpu, explain, tunings, type Tunings } from "../src/index.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { Pool } from "../src/pool/pool.ts";
import { answers } from "../src/tuning/answers.ts";
import { fastest } from "../src/tuning/fastest.ts";
import { Trial } from "../src/tuning/trial.ts";
import { Tuner } from "../src/tuning/tuner.ts";
import { Random } from "./support/random.ts";
import { largestError } from "./support/winograd.ts";

beforeEach(() => answers.algorithms.clear());

describe("the fastest of some runs", () => {
  /** Runs that take so many milliseconds of a clock that nothing else moves; a NaN throws. */
  const timed = (
    durations: readonly number[],
  ): { runs: (() => Promise<void>)[]; now: () => number; calls: number[] } => {
    let time = 0;
    const calls = durations.map(() => 0);
    const runs = durations.map((duration, index) => () => {
      calls[index] = at(calls, index) + 1;
      time += duration;
      return Number.isNaN(duration) ? Promise.reject(new Error("no room")) : Promise.resolve();
    });
    return { runs, now: () => (Number.isNaN(time) ? (time = 0) : time), calls };
  };

  test.each([
    [[5, 7, 4, 6], 2],
    [[5, 4.9], 0], // so little may be chance: what the rule says stays
    [[5, 4.8], 1],
    [[5, 4.8, 4.7], 2],
    [[NaN, 8, 7], 2],
    [[3], 0],
  ])("%j", async (durations, wanted) => {
    const { runs, now } = timed(durations);
    expect(await fastest(runs, now)).toBe(wanted);
  });

  test("what is hopeless is soon left out", async () => {
    const { runs, now, calls } = timed([5, 50, 6]);
    expect(await fastest(runs, now)).toBe(0);
    expect(calls[1]).toBe(2);
    expect(calls[0]).toBeGreaterThan(3);
  });

  test("where all fail, the reason is told", async () => {
    const { runs, now } = timed([NaN, NaN]);
    await expect(fastest(runs, now)).rejects.toThrow("no room");
  });
});

const random = new Random(3);
const shapes = [
  [2, 24, 18, 17],
  [32, 24, 3, 3],
];
const [image, kernel] = shapes.map((shape) => random.value(shape).data);

function given(): [Tensor, Tensor] {
  return [
    fromHost(image ?? new Float32Array(), at(shapes, 0), "float32"),
    fromHost(kernel ?? new Float32Array(), at(shapes, 1), "float32"),
  ];
}

const padded = (x: Tensor, w: Tensor): Tensor => conv(x, w, { padding: 1 });
const everything = (x: Tensor, w: Tensor): Tensor[] => [
  padded(x, w),
  ...grad(([a, b]: [Tensor, Tensor]) => {
    const y = padded(a, b);
    return y.mul(y).sum();
  })([x, w]),
];

async function answersOf(f: (x: Tensor, w: Tensor) => Tensor[]): Promise<Float32Array[]> {
  const run = compile(f);
  const found = await Promise.all(run(...given()).map(async (result) => Float32Array.from(await result.data())));
  run.clear();
  return found;
}

async function expectRight(): Promise<void> {
  const found = await answersOf(everything);
  await useBackend(reference());
  const right = await answersOf(everything);
  right.forEach((data, index) => expect(largestError(at(found, index), Float64Array.from(data))).toBeLessThan(1e-4));
}

test.each(["winograd-4x4", "indirect", "packed", "winograd-2x2"] as const)(
  "the choice follows the clock: %s",
  async (wanted) => {
    const order = ["winograd-4x4", "indirect", "packed", "winograd-2x2"]; // what the rule says is tried first
    const pool = await Pool.start({ threads: 1, shared: false, worker: false });
    let [time, runs] = [0, 0];
    const launch = pool.launch.bind(pool);
    const spy = vi.spyOn(pool, "launch").mockImplementation((...asked) => {
      time += order[runs++ % order.length] === wanted ? 2 : 3;
      return launch(...asked);
    });
    const options = { tile: plainTile, algorithms: "all" } as const;
    const backend = new CpuBackend(pool, plainTile, "channels-last", "all", {
      tunerFor: (store) => new Tuner(pool, store, options, () => time),
    });
    await useBackend(backend);
    const { units } = await explain(compile(padded), given());
    const choices = units.flatMap(({ choice }) => (choice ? [choice] : []));
    expect(choices).toHaveLength(1);
    expect(choices[0]).toMatchObject({ algorithm: wanted, by: "measurement", pass: "forward" });
    expect(new Set([wanted, ...(choices[0]?.others ?? [])])).toEqual(new Set(order));
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
    spy.mockRestore();
    expect(tunings().algorithms).toEqual({ [at(Object.keys(tunings().algorithms), 0)]: wanted });
    await expectRight();
    backend.dispose();
  },
);

test.each([{ threads: 1 }, { threads: 2 }, { threads: 2, worker: true }])(
  "measured with %o, a convolution and its gradients are right; what is known is not measured again",
  async (options) => {
    const backend = await useBackend(cpu({ ...options, tune: true }));
    const { units } = await explain(compile(everything), given());
    const choices = units.flatMap(({ choice }) => (choice ? [choice] : []));
    expect(new Set(choices.map(({ pass }) => pass)).size).toBe(3);
    expect(new Set(choices.map(({ by }) => by))).toEqual(new Set(["measurement"]));
    const before = tunings();
    await expectRight();
    expect(tunings()).toEqual(before);
    backend.dispose();

    // Kept, as a file keeps it, and given back: nothing is measured.
    answers.algorithms.clear();
    const kept = JSON.parse(JSON.stringify(before)) as Tunings;
    const second = await useBackend(cpu({ ...options, tune: kept }));
    const spy = vi.spyOn(Trial.prototype, "prepare");
    const again = await explain(compile(everything), given());
    expect(again.units.map(({ choice }) => choice)).toEqual(units.map(({ choice }) => choice));
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
    expect(tunings()).toEqual(before);
    second.dispose();
  },
);

test("predictions are measured with weights that stay; an answer that cannot compute a shape is not followed", async () => {
  const backend = await useBackend(cpu({ threads: 1, tune: true, algorithms: "direct" }));
  const [x] = given();
  const weight = new Parameter(at(shapes, 1), () => kernel ?? new Float32Array());
  const predict = compile((y: Tensor) => padded(y, weight.value));
  await predict(x).data();
  const [[key, algorithm] = ["", ""], ...others] = Object.entries(tunings().algorithms);
  expect(others).toEqual([]);
  expect(key).toMatch(/^forward 2x24x18x17 32x18x17 3x3 1x1 1x1 1x1 1 1t \S* kept direct$/);
  expect(algorithm).toMatch(/^(indirect|packed)$/); // Winograd's is not asked
  answers.algorithms.set(key, "depthwise");
  const { units } = await explain(predict, [x]);
  expect(units.flatMap(({ choice }) => choice?.by ?? [])).toContain("rule");
  backend.dispose();
});

test("measuring and deterministic mode exclude each other, and what is given has to be what was measured", async () => {
  await expect(cpu({ tune: true, deterministic: true })).rejects.toThrow(
    "both tune and deterministic are asked for. Remedy: leave out one of them: in deterministic mode nothing is chosen by measuring",
  );
  const bad = (tune: unknown): Promise<unknown> => cpu({ tune: tune as Tunings });
  await expect(bad({})).rejects.toThrow("tune has no algorithms. Remedy: give it what tunings() returned, or true");
  await expect(bad({ algorithms: { "forward 1": "fast" } })).rejects.toThrow('tune has "fast" for "forward 1"');
  await expect(bad({ algorithms: {}, tile: { rows: 99 } })).rejects.toThrow('tune has the tile {"rows":99}');
  expect(tunings().algorithms).toEqual({});
});
