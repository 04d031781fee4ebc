// Optimizers, clipping and schedules against what PyTorch computes: tests/golden/optimizers.json and schedules.json.
import { readFileSync } from "node:fs";
import { type HostTensor, type Tensor, at, compile, decodeSafetensors, fromHost, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type GradientTransformation,
  type NamedTensors,
  type Optimizer,
  type OptimizerState,
  type Schedule,
  adam,
  adamW,
  clipByGlobalNorm,
  clipByValue,
  cosineAnnealing,
  cosineWarmRestarts,
  cyclic,
  exponentialDecay,
  globalNorm,
  linear,
  multiStepDecay,
  oneCycle,
  polynomialDecay,
  scalarsAt,
  sequence,
  sgd,
  stepDecay,
} from "../src/index.ts";

const folder = new URL("../../../tests/golden/", import.meta.url);

interface OptimizerCase {
  readonly id: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly steps?: readonly number[];
  readonly rtol: number;
  readonly atol: number;
}

interface ScheduleCase {
  readonly id: string;
  readonly base_lr: number;
  readonly values: readonly number[];
}

const optimizerCases = (
  JSON.parse(readFileSync(new URL("optimizers.json", folder), "utf8")) as { cases: OptimizerCase[] }
).cases;
const scheduleCases = (JSON.parse(readFileSync(new URL("schedules.json", folder), "utf8")) as { cases: ScheduleCase[] })
  .cases;
const { tensors } = decodeSafetensors(readFileSync(new URL("optimizers.safetensors", folder)), "optimizers");

function stored(key: string): HostTensor {
  const found = tensors.get(key);
  if (!found) throw new Error(`no tensor ${key}`);
  return found;
}

function initial(): Map<string, Tensor> {
  return new Map(
    ["a", "b"].map((path) => {
      const { data, shape, dtype } = stored(`initial/${path}`);
      return [path, fromHost(data, shape, dtype)];
    }),
  );
}

/** The gradients of step `step`, from 0: each is stored with all 20 steps along its first axis. */
function gradients(step: number): Map<string, Tensor> {
  return new Map(
    ["a", "b"].map((path) => {
      const { data, shape, dtype } = stored(`gradient/${path}`);
      const size = data.length / at(shape, 0);
      return [path, fromHost(data.slice(step * size, (step + 1) * size), shape.slice(1), dtype)];
    }),
  );
}

async function expectClose(found: Tensor | undefined, key: string, rtol: number, atol: number): Promise<void> {
  const [values, golden] = [await found?.data(), stored(key).data];
  const largest = Math.max(1, ...golden.map(Math.abs));
  expect(values).toHaveLength(golden.length);
  for (const [index, value] of golden.entries())
    expect(Math.abs(at(values ?? [], index) - value), `${key}[${index}]`).toBeLessThanOrEqual(
      atol * largest + rtol * Math.abs(value),
    );
}

/** 20 steps with given gradients; `after` is called with the number of the step, from 1. */
async function run(
  optimizer: Optimizer,
  rateAt: (step: number) => number,
  after: (step: number, parameters: NamedTensors) => Promise<void>,
): Promise<void> {
  let parameters: NamedTensors = initial();
  const specs = optimizer.init(new Map([...parameters].map(([path, tensor]) => [path, tensor.aval])));
  const zero = (shape: readonly number[], value: number): Tensor =>
    fromHost(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), shape, "float32");
  let state: OptimizerState = new Map(
    [...specs].map(([slot, paths]) => [
      slot,
      new Map([...paths].map(([path, { shape, value }]) => [path, zero(shape, value)])),
    ]),
  );
  for (let step = 0; step < 20; step++) {
    const scalar = scalarsAt({ step, learningRate: rateAt(step) });
    const next = optimizer.update({ gradients: gradients(step), parameters, state, scalar });
    ({ parameters, state } = next);
    await after(step + 1, parameters);
  }
}

const methods: Readonly<Record<string, Optimizer>> = {
  "sgd/plain": sgd({ learningRate: 0.1 }),
  "sgd/momentum": sgd({ learningRate: 0.05, momentum: 0.9 }),
  "sgd/nesterov": sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
  "sgd/weight-decay": sgd({ learningRate: 0.1, weightDecay: 0.05 }),
  "sgd/dampening": sgd({ learningRate: 0.05, momentum: 0.8, dampening: 0.5 }),
  "sgd/nesterov-weight-decay": sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
  "sgd/momentum-rate-change": sgd({
    learningRate: multiStepDecay(0.1, { milestones: [2, 10], factor: 0.1 }),
    momentum: 0.9,
  }),
  "sgd/maximize": sgd({ learningRate: 0.1, momentum: 0.5, maximize: true }),
  "adam/default": adam({ learningRate: 0.01 }),
  "adam/betas-eps": adam({ learningRate: 0.02, betas: [0.8, 0.95], epsilon: 0.001 }),
  "adam/weight-decay": adam({ learningRate: 0.01, weightDecay: 0.1 }),
  "adam/amsgrad": adam({ learningRate: 0.01, amsgrad: true, betas: [0.9, 0.7] }),
  "adamw/default": adamW({ learningRate: 0.01, weightDecay: 0.01 }),
  "adamw/weight-decay": adamW({ learningRate: 0.02, weightDecay: 0.5 }),
  "adamw/amsgrad": adamW({ learningRate: 0.01, amsgrad: true, betas: [0.9, 0.7], weightDecay: 0.1 }),
};

const clippings: Readonly<Record<string, GradientTransformation>> = {
  "clip/norm": clipByGlobalNorm(0.5),
  "clip/norm-not-reached": clipByGlobalNorm(100),
  "clip/norm-inf": clipByGlobalNorm(0.3, { order: Infinity }),
  "clip/norm-1": clipByGlobalNorm(2, { order: 1 }),
  "clip/value": clipByValue(0.3),
};

const orders: Readonly<Record<string, number>> = { "clip/norm-inf": Infinity, "clip/norm-1": 1 };

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
  multiplicative: (step) => 0.1 * 0.95 ** Math.ceil(step / 2),
};

function caseOf(id: string): OptimizerCase {
  const found = optimizerCases.find((item) => item.id === id);
  if (!found) throw new Error(`no case ${id}`);
  return found;
}

beforeAll(async () => {
  await useBackend(reference());
});

describe("20 steps with given gradients", () => {
  it.each(Object.entries(methods))("%s", async (id, optimizer) => {
    const { steps = [], rtol, atol } = caseOf(id);
    expect(steps.length).toBeGreaterThan(0);
    await run(optimizer, optimizer.learningRate, async (step, parameters) => {
      if (!steps.includes(step)) return;
      for (const [path, parameter] of parameters) await expectClose(parameter, `${id}/step${step}/${path}`, rtol, atol);
    });
  });

  it("has an answer for every sgd, adam and adamW case", () => {
    const known = optimizerCases.map(({ id }) => id).filter((id) => /^(sgd|adam|adamw|clip)\//.test(id));
    expect([...Object.keys(methods), ...Object.keys(clippings)].toSorted()).toEqual(known.toSorted());
  });
});

describe("clipping", () => {
  it.each(Object.entries(clippings))("%s", async (id, clipping) => {
    const { rtol, atol } = caseOf(id);
    const context = { parameters: initial(), state: new Map(), scalar: scalarsAt({ step: 0, learningRate: 0 }) };
    const clip = compile(() => clipping.apply({ ...context, gradients: gradients(0) }).gradients);
    const results = [...clip()];
    expect(results.map(([path]) => path)).toEqual([...initial().keys()]);
    for (const [path, clipped] of results) await expectClose(clipped, `${id}/clipped/${path}`, rtol, atol);
    if (id !== "clip/value") await expectClose(globalNorm(gradients(0), orders[id]), `${id}/total_norm`, rtol, atol);
  });
});

describe("schedules", () => {
  it.each(Object.entries(schedules))("%s", (id, schedule) => {
    const found = scheduleCases.find((item) => item.id === id);
    expect(found?.values).toHaveLength(60);
    for (const [step, value] of (found?.values ?? []).entries())
      expect(Math.abs(schedule(step) - value), `step ${step}`).toBeLessThanOrEqual(1e-12 + 1e-6 * Math.abs(value));
  });

  it("has an answer for every case but those that follow a metric", () => {
    const known = scheduleCases.map(({ id }) => id).filter((id) => !id.startsWith("plateau/"));
    expect(Object.keys(schedules).toSorted()).toEqual(known.toSorted());
  });
});
