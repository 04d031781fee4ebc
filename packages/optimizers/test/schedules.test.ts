// Schedules of rate and momentum against PyTorch's, to the last digits of float64.
import { AttributeError, at } from "@stria/core";
import { describe, expect, it } from "vitest";
import {
  type Plateau,
  type Schedule,
  cosine,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  cyclicMomentum,
  exponentialDecay,
  linear,
  multiStepDecay,
  multiplicative,
  oneCycle,
  oneCycleMomentum,
  polynomialDecay,
  reduceOnPlateau,
  sequence,
  stepDecay,
} from "../src/index.ts";
import { scheduleCases } from "./goldens.ts";

const annealed = (rate: number): Schedule => cosineAnnealing(rate, { period: 50 });

const schedules: Readonly<Record<string, Schedule>> = {
  step: stepDecay(0.1, { every: 7, factor: 0.5 }),
  "step/1": stepDecay(0.1, { every: 1, factor: 0.97 }),
  "multi-step": multiStepDecay(0.1, { milestones: [10, 11, 40], factor: 0.1 }),
  exponential: exponentialDecay(0.1, { factor: 0.95 }),
  constant: sequence([() => 0.1 * 0.25, () => 0.1], [8]),
  "linear/up": linear(0.01, 0.1, 10),
  "linear/down": linear(0.1, 0.005, 50),
  "polynomial/1": polynomialDecay(0.1, { steps: 40 }),
  "polynomial/2": polynomialDecay(0.1, { steps: 50, power: 2 }),
  cosine: cosineAnnealing(0.1, { period: 60, floor: 0.001 }),
  "cosine/again": cosineAnnealing(0.1, { period: 20 }),
  "warm-restarts": cosineWarmRestarts(0.1, { period: 10 }),
  "warm-restarts/longer": cosineWarmRestarts(0.1, { period: 8, factor: 2, floor: 0.002 }),
  "one-cycle/cos": oneCycle(0.4, { steps: 60 }),
  "one-cycle/linear": oneCycle(0.4, {
    steps: 60,
    shape: "linear",
    warmUpShare: 0.25,
    startDivisor: 10,
    endDivisor: 100,
  }),
  "one-cycle/three-phases": oneCycle(0.4, { steps: 60, threePhases: true, warmUpShare: 0.4 }),
  "one-cycle/three-phases-linear": oneCycle(0.4, { steps: 60, threePhases: true, shape: "linear" }),
  "one-cycle/no-momentum": oneCycle(0.4, { steps: 60 }),
  "cyclic/triangular": cyclic(0.01, 0.1, { up: 8 }),
  "cyclic/triangular2": cyclic(0.01, 0.1, { up: 5, down: 10, mode: "triangular2" }),
  "cyclic/exp-range": cyclic(0.01, 0.1, { up: 6, mode: "exponential", factor: 0.98 }),
  "warm-up-cosine": sequence([linear(0.001, 0.1, 10), annealed(0.1)], [10]),
  "three-in-sequence": sequence(
    [() => 0.01, exponentialDecay(0.1, { factor: 0.9 }), stepDecay(0.1, { every: 5, factor: 0.5 })],
    [5, 25],
  ),
  "lambda/inverse-square-root": (step) => 0.1 * Math.min((step + 1) ** -0.5, (step + 1) * 10 ** -1.5),
  multiplicative: multiplicative(0.1, (step) => (step % 2 === 0 ? 1 : 0.95)),
};

const momenta: Readonly<Record<string, Schedule>> = {
  "one-cycle/cos": oneCycleMomentum({ steps: 60 }),
  "one-cycle/linear": oneCycleMomentum({ steps: 60, shape: "linear", warmUpShare: 0.25 }),
  "one-cycle/three-phases": oneCycleMomentum({ steps: 60, threePhases: true, warmUpShare: 0.4 }),
  "one-cycle/three-phases-linear": oneCycleMomentum({
    steps: 60,
    threePhases: true,
    shape: "linear",
    low: 0.8,
    high: 0.9,
  }),
  "cyclic/triangular": cyclicMomentum(0.8, 0.9, { up: 8 }),
  "cyclic/triangular2": cyclicMomentum(0.8, 0.9, { up: 5, down: 10, mode: "triangular2" }),
};

const plateaus: Readonly<Record<string, () => Plateau>> = {
  "plateau/min": () => reduceOnPlateau(0.1, { factor: 0.5, patience: 3 }),
  "plateau/cooldown": () =>
    reduceOnPlateau(0.1, { patience: 2, cooldown: 4, floor: 5e-4, threshold: 0.01, thresholdMode: "absolute" }),
  "plateau/max": () => reduceOnPlateau(0.1, { mode: "max", factor: 0.3, patience: 5 }),
};

/** The worst deviation from a golden in units of what is allowed. */
function deviation(found: readonly number[], golden: readonly number[] | null | undefined): number {
  if (golden?.length !== 60) throw new Error("60 values were expected");
  return Math.max(...golden.map((value, step) => Math.abs(at(found, step) - value) / (1e-12 + 1e-6 * Math.abs(value))));
}

const steps = Array.from({ length: 60 }, (_, step) => step);

describe("schedules", () => {
  it.each(Object.entries(schedules))("%s", (id, schedule) => {
    const golden = scheduleCases.find((item) => item.id === id)?.values;
    expect(deviation(steps.map(schedule), golden)).toBeLessThanOrEqual(1);
  });

  it("has an answer for every case but those that follow a metric", () => {
    const known = scheduleCases.map(({ id }) => id).filter((id) => !id.startsWith("plateau/"));
    expect(Object.keys(schedules).toSorted()).toEqual(known.toSorted());
  });

  it("count from any step: a run that is resumed has the same rate", () => {
    const schedule = multiplicative(1, (step) => step);
    expect([5, 3, 0, 4].map(schedule)).toEqual([120, 6, 1, 24]);
  });
});

describe("cosine", () => {
  it("rises in a line from a hundredth, then falls to the floor and stays", () => {
    const schedule = cosine(1, { steps: 12, warmUpSteps: 4, floor: 0.5 });
    const values = [0, 2, 4, 8, 12, 20].map(schedule);
    for (const [index, value] of [0.01, 0.505, 1, 0.75, 0.5, 0.5].entries())
      expect(values[index]).toBeCloseTo(value, 12);
  });

  it("refuses a warm-up that leaves no steps", () => {
    expect(() => cosine(1, { steps: 4, warmUpSteps: 4 })).toThrow("warmUpSteps is 4 of 4 steps");
  });
});

describe("oneCycle", () => {
  it("stays at its end", () => {
    expect(oneCycle(1, { steps: 10, startDivisor: 10, endDivisor: 10 })(15)).toBeCloseTo(0.01, 12);
    expect(oneCycleMomentum({ steps: 10 })(15)).toBe(0.95);
  });

  it("refuses too few steps, and shares that leave no room to come down", () => {
    expect(() => oneCycle(1, { steps: 2 })).toThrow("oneCycle: steps - 2 is 0");
    expect(() => oneCycleMomentum({ steps: 9, threePhases: true, warmUpShare: 0.5 })).toThrow(
      "oneCycleMomentum: warmUpShare is 0.5. Remedy: use a share above 0 and below 0.5.",
    );
  });
});

describe("momentum", () => {
  it.each(Object.entries(momenta))("%s", (id, schedule) => {
    const golden = scheduleCases.find((item) => item.id === id)?.momentum;
    expect(deviation(steps.map(schedule), golden)).toBeLessThanOrEqual(1);
  });

  it("has an answer for every case that moves it", () => {
    const known = scheduleCases.filter(({ momentum }) => momentum).map(({ id }) => id);
    expect(Object.keys(momenta).toSorted()).toEqual(known.toSorted());
  });
});

describe("reduceOnPlateau", () => {
  it.each(Object.entries(plateaus))("%s, and so when it is saved and restored in between", (id, make) => {
    const found = scheduleCases.find((item) => item.id === id);
    let plateau = make();
    const values = steps.map((step) => {
      const value = plateau(step);
      plateau.observe(at(found?.metrics ?? [], step));
      const saved = structuredClone(plateau.save());
      plateau = make();
      plateau.restore(saved);
      return value;
    });
    expect(deviation(values, found?.values)).toBeLessThanOrEqual(1);
  });

  it("never takes NaN for better", () => {
    const plateau = reduceOnPlateau(1, { patience: 0, factor: 0.5 });
    plateau.observe(Number.NaN);
    expect(plateau(0)).toBe(0.5);
    plateau.observe(3);
    expect(plateau(0)).toBe(0.5);
  });

  it.each([{ factor: 1 }, { factor: 0 }, { patience: -1 }, { cooldown: Number.NaN }, { floor: Infinity }])(
    "refuses %j",
    (options) => {
      expect(() => reduceOnPlateau(0.1, options)).toThrow(AttributeError);
    },
  );
});
