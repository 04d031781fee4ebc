// A training step of LeNet-5 as one model: the same numbers as on the reference, and nothing left behind.
import { type Backend, type Tensor, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { onnx } from "../src/index.ts";
import { train } from "./support/lenet.ts";
import { labels as draw, noise } from "./support/noise.ts";

const batch = 3;

async function trained(
  backend: Backend,
  steps: number,
): Promise<{ losses: number[]; parameters: Map<string, number[]> }> {
  await useBackend(backend);
  const { step, parameters } = train();
  const losses: number[] = [];
  for (let count = 0; count < steps; count++) {
    const x = tensor(noise(11 + count, batch * 784), { shape: [batch, 1, 28, 28] });
    const labels = tensor(draw(12 + count, batch, 10));
    const loss = step(x, labels);
    losses.push(await loss.item());
    for (const given of [x, labels, loss]) given.dispose();
  }
  return { losses, parameters: await parameters() };
}

test("training LeNet-5 gives what the reference gives", async () => {
  const found = await trained(await onnx({ threads: 1 }), 4);
  const wanted = await trained(reference(), 4);
  for (const [index, loss] of wanted.losses.entries()) expect(found.losses[index]).toBeCloseTo(loss, 5);
  for (const [path, values] of wanted.parameters) {
    const largest = Math.max(...values.map(Math.abs));
    const furthest = Math.max(
      ...values.map((value, index) => Math.abs(value - (found.parameters.get(path)?.[index] ?? Number.NaN))),
    );
    expect({ path, relative: furthest / largest }).toSatisfy(({ relative }) => relative < 1e-4);
  }
});

test("300 steps on one batch: the loss falls, memory does not grow", async () => {
  const backend = await useBackend(onnx({ threads: 1 }));
  const { step } = train();
  const x = tensor(noise(5, 8 * 784), { shape: [8, 1, 28, 28] });
  const labels = tensor(Int32Array.from({ length: 8 }, (_, index) => index));
  const losses: number[] = [];
  let after: ReturnType<Backend["memory"]> | undefined;
  let pending: Tensor[] = [];
  for (let count = 0; count < 300; count++) {
    pending.push(step(x, labels));
    if (count % 10 < 9) continue;
    for (const loss of pending) losses.push(await loss.item());
    for (const loss of pending) loss.dispose();
    pending = [];
    after ??= backend.memory();
    expect(backend.memory()).toEqual(after);
  }
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.01);
});
