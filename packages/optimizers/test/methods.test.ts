// What the goldens do not show: refusals, zeros, the other direction, momentum that follows a schedule.
import { AttributeError, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type NamedTensors,
  type Optimizer,
  adadelta,
  adagrad,
  adam,
  adamW,
  adamax,
  lamb,
  lars,
  lion,
  nadam,
  radam,
  rmsprop,
  rprop,
  scalarsAt,
  sgd,
} from "../src/index.ts";
import { firstState } from "./goldens.ts";

beforeAll(async () => {
  await useBackend(reference());
});

/** x after steps with these gradients. */
async function after(optimizer: Optimizer, x: readonly number[], gradients: readonly number[][]): Promise<number[]> {
  let parameters: NamedTensors = new Map([["x", tensor([...x])]]);
  let state = firstState(optimizer, parameters);
  for (const [step, gradient] of gradients.entries()) {
    const scalar = scalarsAt({ step, learningRate: optimizer.learningRate(step) });
    const given = { parameters, state, gradients: new Map([["x", tensor(gradient)]]), scalar };
    ({ parameters, state } = optimizer.update(given));
  }
  return Array.from((await parameters.get("x")?.data()) ?? []);
}

const rate = { learningRate: 0.1 };
const all: Readonly<Record<string, (options: { maximize: boolean }) => Optimizer>> = {
  sgd: (options) => sgd({ ...rate, ...options }),
  adam: (options) => adam({ ...rate, ...options }),
  adamW: (options) => adamW({ ...rate, weightDecay: 0, ...options }),
  adamax: (options) => adamax({ ...rate, ...options }),
  nadam: (options) => nadam({ ...rate, ...options }),
  radam: (options) => radam({ ...rate, ...options }),
  adagrad: (options) => adagrad({ ...rate, ...options }),
  adadelta,
  rmsprop: (options) => rmsprop({ ...rate, ...options }),
  rprop,
  lion: (options) => lion({ ...rate, ...options }),
  lamb: (options) => lamb({ ...rate, ...options }),
  lars: (options) => lars({ ...rate, ...options }),
};

describe.each(Object.entries(all))("%s", (_name, make) => {
  const [start, gradients] = [
    [1, -2],
    [
      [0.5, -1],
      [0.25, 2],
    ],
  ];

  it("goes down, and as far up to maximize", async () => {
    const [down] = await after(make({ maximize: false }), start, [[0.5, -1]]);
    expect(down).toBeLessThan(1);
    const negated = gradients.map((gradient) => gradient.map((g) => -g));
    expect(await after(make({ maximize: true }), start, gradients)).toEqual(
      await after(make({ maximize: false }), start, negated),
    );
  });

  it("stays where the gradient is 0, and finite where the parameter is 0", async () => {
    const zero = [0, 0];
    expect(await after(make({ maximize: false }), start, [zero, zero])).toEqual(start);
    const moved = await after(make({ maximize: false }), zero, [[0.5, -1]]);
    expect(moved.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
  });
});

it("lars and lamb step like their base where a norm is 0", async () => {
  expect(await after(lars({ learningRate: 0.5, momentum: 0 }), [0, 0], [[1, -1]])).toEqual([-0.5, 0.5]);
  const [x] = await after(lamb({ learningRate: 0.5 }), [0, 0], [[1, -1]]);
  expect(x).toBeCloseTo(-0.5, 5);
});

it("rprop sees the sign of gradients too small to be multiplied in float32", async () => {
  const tiny = 1e-30;
  const [x] = await after(rprop({ learningRate: 0.5 }), [0], [[tiny], [tiny]]);
  expect(x).toBeCloseTo(-0.5 - 0.6, 6);
});

it("centered rmsprop is finite where the gradient has no variance", async () => {
  const steps = Array.from({ length: 200 }, () => [0.1]);
  const [x] = await after(rmsprop({ ...rate, centered: true, decay: 0.5, epsilon: 1 }), [0], steps);
  expect(Number.isFinite(x)).toBe(true);
});

it("sgd and adam follow a schedule of momentum", async () => {
  const [x] = await after(sgd({ learningRate: 1, momentum: (step) => step / 4 }), [0], [[1], [1], [1]]);
  expect(x).toBeCloseTo(-(1 + 1.25 + 1.625), 6);
  const fixed = await after(adam({ ...rate, betas: [0.5, 0.9] }), [1], [[1], [2], [-1]]);
  const scheduled = await after(adam({ ...rate, betas: [() => 0.5, 0.9] }), [1], [[1], [2], [-1]]);
  expect(scheduled[0]).toBeCloseTo(fixed[0] ?? 0, 6);
});

it("radam shrinks parameters by the rate, where weight decay is decoupled", async () => {
  const optimizer = radam({ ...rate, weightDecay: 0.5, decoupled: true });
  const [x] = await after(optimizer, [1], [[0], [0]]);
  expect(x).toBeCloseTo(0.95 ** 2, 6);
});

it("says which slot or gradient is missing", () => {
  const context = { state: new Map(), scalar: scalarsAt({ step: 0, learningRate: 1 }) };
  const parameters = new Map([["x", tensor([1])]]);
  const update = (gradients: NamedTensors): unknown => adam(rate).update({ ...context, parameters, gradients });
  expect(() => update(new Map())).toThrow("adam: the gradient of x is missing");
  expect(() => update(parameters)).toThrow('adam: slot "firstMoment" of x is missing');
});

const refused: Readonly<Record<string, () => Optimizer>> = {
  "sgd: momentum is -1": () => sgd({ ...rate, momentum: -1 }),
  "sgd: nesterov needs a momentum": () => sgd({ ...rate, nesterov: true }),
  "adam: betas[0] is 1": () => adam({ ...rate, betas: [1, 0.9] }),
  "adamax: betas[1] is 1": () => adamax({ ...rate, betas: [0.9, 1] }),
  "nadam: momentumDecay is -1": () => nadam({ ...rate, momentumDecay: -1 }),
  "radam: epsilon is NaN": () => radam({ ...rate, epsilon: Number.NaN }),
  "adagrad: initialSum is -1": () => adagrad({ ...rate, initialSum: -1 }),
  "adadelta: decay is 1": () => adadelta({ decay: 1 }),
  "rmsprop: momentum is -0.5": () => rmsprop({ ...rate, momentum: -0.5 }),
  "rprop: factors is [1.2, 0.5]": () => rprop({ factors: [1.2, 0.5] }),
  "rprop: stepSizes is [2, 1]": () => rprop({ stepSizes: [2, 1] }),
  "lion: weightDecay is -1": () => lion({ ...rate, weightDecay: -1 }),
  "lamb: betas[0] is 2": () => lamb({ ...rate, betas: [2, 0.9] }),
  "lars: trustCoefficient is -1": () => lars({ ...rate, trustCoefficient: -1 }),
  "lars: learningRate is -1": () => lars({ learningRate: -1 }),
};

it.each(Object.entries(refused))("refuses: %s", (message, make) => {
  expect(make).toThrow(AttributeError);
  expect(make).toThrow(message);
});
