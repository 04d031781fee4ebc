// The drawn digits are as hard as they are meant to be: a linear model does not read them well, LeNet-5 does. Smaller than the default set, to be quick.
import { cpu } from "@stria/backend-cpu";
import { setSeed, useBackend } from "@stria/core";
import { digits, loader } from "@stria/data";
import { crossEntropy, Flatten, Linear, type Module, sequential } from "@stria/layers";
import { adamW, cosine } from "@stria/optimizers";
import { accuracy, evaluate, fit } from "@stria/training";
import { lenet5 } from "@stria/zoo";
import { beforeAll, expect, it } from "vitest";

const { train, test } = digits({ train: 20_000, test: 2_000, pad: 2 });

beforeAll(async () => {
  await useBackend(cpu({ threads: 1 }));
});

async function accuracyOf(model: Module, learningRate: number, epochs: number): Promise<number> {
  setSeed(1);
  const batches = loader(train, { batchSize: 64, shuffle: true });
  const schedule = cosine(learningRate, { steps: epochs * batches.length, warmUpSteps: 30 });
  await fit(model, batches, { loss: crossEntropy, optimizer: adamW({ learningRate: schedule }), epochs });
  return (await evaluate(model, loader(test, { batchSize: 500 }), { accuracy })).accuracy;
}

it("LeNet-5 exceeds 98 %", async () => {
  const found = await accuracyOf(lenet5(), 4e-3, 2);
  expect(found).toBeGreaterThan(0.98);
});

it("a linear model learns, and stays below 93 %", async () => {
  const found = await accuracyOf(sequential([new Flatten(), new Linear(1024, 10)]), 1e-3, 4);
  expect(found).toBeGreaterThan(0.8);
  expect(found).toBeLessThan(0.93);
});
