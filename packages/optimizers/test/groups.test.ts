// Groups of parameters: which optimizer moves what, and at which rate.
import { type Tensor, compile, hostScalar, ones, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, expect, it } from "vitest";
import {
  type NamedTensors,
  type Optimizer,
  adamW,
  chain,
  clipByGlobalNorm,
  constant,
  linear,
  normsAndBiases,
  sgd,
  withGroups,
} from "../src/index.ts";
import { firstState } from "./goldens.ts";

beforeAll(async () => {
  await useBackend(reference());
});

function model(fill: (shape: readonly number[]) => Tensor): NamedTensors {
  return new Map([
    ["backbone.conv.weight", fill([1, 1])],
    ["backbone.conv.bias", fill([1])],
    ["head.weight", fill([1, 1])],
    ["head.bias", fill([1])],
  ]);
}

/** The values of all parameters, one each, after some steps with gradients of 1 from parameters of 1. */
async function after(steps: number, optimizer: Optimizer, gradient = ones): Promise<number[]> {
  let parameters = model(ones);
  let state = firstState(optimizer, parameters);
  const update = compile((p: NamedTensors, s: typeof state) =>
    optimizer.update({ parameters: p, state: s, gradients: model(gradient), scalar: hostScalar }),
  );
  for (let step = 0; step < steps; step++)
    ({ parameters, state } = update.runWith({ step, learningRate: optimizer.learningRate(step) }, parameters, state));
  expect([...parameters.keys()]).toEqual([...model(ones).keys()]);
  return Promise.all([...parameters.values()].map(async (value) => Number((await value.data())[0])));
}

it("gives every group its rate, and the first match counts", async () => {
  const optimizer = withGroups(sgd({ learningRate: 0.5 }), [
    { parameters: "backbone.*", optimizer: sgd({ learningRate: 0.25 }) },
    { parameters: ["*.bias"], optimizer: sgd({ learningRate: 0 }) },
  ]);
  expect(await after(1, optimizer)).toEqual([0.75, 0.75, 0.5, 1]);
  expect(optimizer.learningRate(0)).toBe(0.5);
});

it("follows the schedule of each group", async () => {
  const optimizer = withGroups(sgd({ learningRate: linear(0.5, 0, 2) }), [
    { parameters: "head.*", optimizer: sgd({ learningRate: linear(0, 0.5, 2), momentum: 0.5 }) },
  ]);
  // rest: 0.5 + 0.25 + 0; head: 0, 0.25 x 1.5, 0.5 x 1.75
  expect(await after(3, optimizer)).toEqual([0.25, 0.25, -0.25, -0.25]);
});

it("leaves norms and biases without weight decay", async () => {
  const optimizer = withGroups(adamW({ learningRate: 0.5, weightDecay: 0.5 }), [
    { parameters: normsAndBiases, optimizer: adamW({ learningRate: 0.5, weightDecay: 0 }) },
  ]);
  expect(await after(2, optimizer, zeros)).toEqual([0.5625, 1, 0.5625, 1]);
});

it("keeps the state of groups apart, and nests", async () => {
  const inner = withGroups(sgd({ learningRate: 1 }), [
    { parameters: "*.bias", optimizer: sgd({ learningRate: 0.25, momentum: 0.5 }) },
  ]);
  const optimizer = chain(
    clipByGlobalNorm(1e6),
    withGroups(inner, [{ parameters: "backbone.*", optimizer: sgd({ learningRate: constant(0.5), momentum: 0.5 }) }]),
  );
  const slots = [...optimizer.init(new Map([...model(ones)].map(([path, { aval }]) => [path, aval]))).keys()];
  expect(slots).toEqual(["group0.momentum", "rest.group0.momentum"]);
  expect(await after(2, optimizer)).toEqual([-0.25, -0.25, -1, 0.375]);
});

it("refuses a pattern that matches nothing", () => {
  const optimizer = withGroups(sgd({ learningRate: 1 }), [
    { parameters: ["head.*", "bakcbone.*"], optimizer: sgd({ learningRate: 1 }) },
  ]);
  expect(() => firstState(optimizer, model(ones))).toThrow(
    'withGroups: no trainable parameter matches "bakcbone.*". ' +
      "Remedy: the trainable parameters are backbone.conv.weight, backbone.conv.bias, head.weight, head.bias.",
  );
});
