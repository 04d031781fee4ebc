// The limit of weight vectors' norms, against PyTorch's renorm.
import { type Tensor, compile, hostScalar, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, expect, it } from "vitest";
import { type NamedTensors, type Optimizer, sgd, withMaxNorm } from "../src/index.ts";
import { firstState } from "./goldens.ts";

beforeAll(async () => {
  await useBackend(reference());
});

const weight = [3, 4, 0, 0.3, 0.4, 1.2, 0, 0, 0, -6, 2, 3];
const gradient = [0, 1, 2, 1, 1, 1, 0, 0, 0, -1, 0, 2];

function named(fc: readonly number[], bias: readonly number[]): NamedTensors {
  return new Map<string, Tensor>([
    ["conv.weight", tensor([...fc], { shape: [4, 3] })],
    ["fc.weight", tensor([...fc], { shape: [4, 3] })],
    ["fc.bias", tensor([...bias])],
  ]);
}

/** All parameters after one step at rate 0.5. */
async function afterStep(optimizer: Optimizer): Promise<Record<string, number[]>> {
  const parameters = named(weight, [-8, 0.25]);
  const update = compile((p: NamedTensors, g: NamedTensors) =>
    optimizer.update({ parameters: p, state: firstState(optimizer, p), gradients: g, scalar: hostScalar }),
  );
  const next = update.runWith({ step: 0, learningRate: 0.5 }, parameters, named(gradient, [0, 0])).parameters;
  const lists = [...next].map(async ([path, value]) => [path, [...(await value.data())].map(Number)] as const);
  return Object.fromEntries(await Promise.all(lists));
}

const plain = weight.map((value, index) => value - 0.5 * (gradient[index] ?? 0));

it("scales the rows back that are longer, and leaves the others and other parameters", async () => {
  const after = await afterStep(withMaxNorm(sgd({ learningRate: 0.5 }), 3, "fc.weight"));
  // torch.renorm(weight - 0.5 gradient, 2, 0, 3)
  const limited = [1.907996, 2.2259955, -0.6359987, -0.2, -0.1, 0.7, 0, 0, 0, -2.6678917, 0.9701425, 0.9701425];
  for (const [index, value] of limited.entries()) expect(after["fc.weight"]?.[index]).toBeCloseTo(value, 5);
  for (const [index, value] of plain.entries()) expect(after["conv.weight"]?.[index]).toBeCloseTo(value, 6);
  expect(after["fc.bias"]).toEqual([-8, 0.25]);
});

it("takes several patterns and tests; of a bias every value is a vector", async () => {
  const one = await afterStep(withMaxNorm(sgd({ learningRate: 0.5 }), 2, ["fc.*"]));
  const other = await afterStep(withMaxNorm(sgd({ learningRate: 0.5 }), 2, (path) => path.startsWith("fc")));
  expect(other).toEqual(one);
  expect(one["fc.bias"]).toEqual([-2, 0.25]);
  expect(Math.hypot(...(one["fc.weight"]?.slice(0, 3) ?? []))).toBeCloseTo(2, 5);
});

it("refuses a limit that is none, and a pattern that names nothing", () => {
  for (const limit of [0, -1, Number.NaN])
    expect(() => withMaxNorm(sgd({ learningRate: 1 }), limit, "*")).toThrow(
      `withMaxNorm: limit is ${limit}. Remedy: use a number above 0.`,
    );
  expect(() => firstState(withMaxNorm(sgd({ learningRate: 1 }), 3, "head.*"), named(weight, [0]))).toThrow(
    /withMaxNorm: no trainable parameter matches "head\.\*".*fc\.weight/,
  );
});
