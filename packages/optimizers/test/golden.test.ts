// Optimizers and clipping against what PyTorch computes, or the formulas of papers where it has none.
import { compile, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type GradientTransformation,
  type Optimizer,
  adadelta,
  adagrad,
  adam,
  adamW,
  adamax,
  clipByGlobalNorm,
  clipByValue,
  globalNorm,
  lamb,
  lars,
  lion,
  multiStepDecay,
  nadam,
  radam,
  rmsprop,
  rprop,
  scalarsAt,
  sgd,
} from "../src/index.ts";
import { caseOf, expectClose, gradients, initial, optimizerCases, run } from "./goldens.ts";

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
  "adamax/default": adamax({ learningRate: 0.02 }),
  "adamax/weight-decay": adamax({ learningRate: 0.02, betas: [0.8, 0.9], weightDecay: 0.1 }),
  "nadam/default": nadam({ learningRate: 0.02 }),
  "nadam/momentum-decay": nadam({ learningRate: 0.02, momentumDecay: 0.05, weightDecay: 0.1 }),
  "nadam/decoupled": nadam({ learningRate: 0.02, weightDecay: 0.1, decoupled: true }),
  "radam/default": radam({ learningRate: 0.02 }),
  "radam/weight-decay": radam({ learningRate: 0.02, betas: [0.8, 0.9], weightDecay: 0.1 }),
  "adagrad/default": adagrad({ learningRate: 0.1 }),
  "adagrad/everything": adagrad({
    learningRate: 0.1,
    learningRateDecay: 0.1,
    weightDecay: 0.1,
    initialSum: 0.2,
    epsilon: 1e-6,
  }),
  "adadelta/default": adadelta(),
  "adadelta/weight-decay": adadelta({ learningRate: 0.5, decay: 0.8, epsilon: 0.001, weightDecay: 0.1 }),
  "rmsprop/default": rmsprop({ learningRate: 0.01 }),
  "rmsprop/centered": rmsprop({ learningRate: 0.01, decay: 0.9, centered: true, epsilon: 0.001 }),
  "rmsprop/momentum": rmsprop({ learningRate: 0.01, decay: 0.9, momentum: 0.9 }),
  "rmsprop/everything": rmsprop({
    learningRate: 0.01,
    decay: 0.95,
    momentum: 0.5,
    centered: true,
    weightDecay: 0.1,
    epsilon: 0.01,
  }),
  "rprop/default": rprop(),
  "rprop/etas": rprop({ learningRate: 0.05, factors: [0.4, 1.4], stepSizes: [0.001, 0.2] }),
  "lion/default": lion({ learningRate: 0.01 }),
  "lion/weight-decay": lion({ learningRate: 0.02, betas: [0.8, 0.95], weightDecay: 0.1 }),
  "lamb/default": lamb({ learningRate: 0.02 }),
  "lamb/weight-decay": lamb({ learningRate: 0.02, betas: [0.8, 0.95], epsilon: 0.0001, weightDecay: 0.1 }),
  "lars/default": lars({ learningRate: 10 }),
  "lars/weight-decay": lars({ learningRate: 5, momentum: 0.5, weightDecay: 0.1, trustCoefficient: 0.02 }),
};

const clippings: Readonly<Record<string, GradientTransformation>> = {
  "clip/norm": clipByGlobalNorm(0.5),
  "clip/norm-not-reached": clipByGlobalNorm(100),
  "clip/norm-inf": clipByGlobalNorm(0.3, { order: Infinity }),
  "clip/norm-1": clipByGlobalNorm(2, { order: 1 }),
  "clip/value": clipByValue(0.3),
};

const orders: Readonly<Record<string, number>> = { "clip/norm-inf": Infinity, "clip/norm-1": 1 };

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

  it("has an answer for every case", () => {
    const known = optimizerCases.map(({ id }) => id).filter((id) => !/^(lbfgs|average)\//.test(id));
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
