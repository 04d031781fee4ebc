// Frozen parameters: no gradient, no optimizer state, no change; also in the middle of a training.
import { type Tensor, namedCells, setSeed, tensor, useBackend, valueAndGrad } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, freeze, sequential, unfreeze } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { beforeEach, expect, it } from "vitest";
import { trainStep } from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

interface Batch {
  readonly x: Tensor;
}

const batch: Batch = {
  x: tensor([
    [1, 2],
    [3, -1],
  ]),
};

async function values(model: object): Promise<Record<string, readonly number[]>> {
  const read = [...namedCells(model)].map(async ([path, cell]) => [path, [...(await cell.value.data())]] as const);
  return Object.fromEntries(await Promise.all(read));
}

function changed(before: Record<string, readonly number[]>, after: Record<string, readonly number[]>): string[] {
  return Object.keys(before).filter((path) => String(before[path]) !== String(after[path]));
}

it("leaves what is frozen as it is, from the first step or from a later one, and goes on afterwards", async () => {
  const model = sequential([new Linear(2, 3), new Linear(3, 1)]);
  const step = trainStep(model, adam({ learningRate: 0.1 }), (m, { x }: Batch) => m.forward(x).square().mean());

  expect(freeze(model, "0.*")).toEqual(["0.weight", "0.bias"]);
  const first = await values(model);
  await step(batch);
  const second = await values(model);
  expect(changed(first, second)).toEqual(["1.weight", "1.bias"]);
  expect([...step.state.cells().keys()].filter((name) => name.includes(".0."))).toEqual([]);
  const parameters = step
    .graph(batch)
    .writebacks.map(({ to }) => step.graph(batch).inputs.find(({ value }) => value === to)?.name);
  expect(parameters.filter((name) => name?.endsWith("0.weight"))).toEqual([]);

  unfreeze(model);
  freeze(model, ["1.weight"]);
  await step(batch);
  const third = await values(model);
  expect(changed(second, third)).toEqual(["0.weight", "0.bias", "1.bias"]);

  unfreeze(model, "1"); // all of the layer
  await step(batch);
  expect(changed(third, await values(model))).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
});

it("gives what is frozen no gradient, but lets it through", () => {
  const model = sequential([new Linear(2, 3), new Linear(3, 1)]);
  freeze(model, "1.weight");
  const { grads } = valueAndGrad(model, (m) => m.forward(batch.x).sum());
  expect([...grads.keys()]).toEqual(["0.weight", "0.bias", "1.bias"]);
});

it("keeps the optimizer's state of what is frozen for later", async () => {
  const run = async (frozen: boolean): Promise<Record<string, readonly number[]>> => {
    setSeed(2);
    const model = sequential([new Linear(2, 2), new Linear(2, 1)]);
    const step = trainStep(model, adam({ learningRate: 0.1 }), (m, { x }: Batch) => m.forward(x).square().mean());
    await step(batch);
    const before = Object.fromEntries([...step.state.cells()].filter(([name]) => name.includes(".0.")));
    if (frozen) freeze(model, "0.*");
    const kept = await values(before);
    await step(batch);
    const after = await values(before);
    return Object.fromEntries(changed(kept, after).map((name) => [name, []]));
  };
  expect(Object.keys(await run(false)).length).toBeGreaterThan(0);
  expect(await run(true)).toEqual({});
});

it("says which patterns match nothing, and that there is nothing to train", async () => {
  const model = sequential([new Linear(2, 1)]);
  expect(() => freeze(model, ["0.weight", "1.*"])).toThrow(
    /freeze: no parameter matches "1\.\*"\. Remedy: the model has 0\.weight, 0\.bias/,
  );
  expect(namedCells(model).get("0.weight")).toMatchObject({ trainable: true });
  freeze(model);
  const step = trainStep(model, adam({ learningRate: 0.1 }), (m, { x }: Batch) => m.forward(x).mean());
  await expect(step(batch)).rejects.toThrow("no trainable parameters");
});
