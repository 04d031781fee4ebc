// Training on batches that workers make: the run is that of the thread alone, also where it is stopped within an epoch and goes on with more workers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import { setSeed, useBackend } from "@stria/core";
import { type Loader, loader } from "@stria/data";
import { crossEntropy, Linear } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { type Callback, checkpoints, fit } from "@stria/training";
import { afterAll, beforeAll, expect, it } from "vitest";
import { points, shaken } from "../src/loader-workers/points.ts";

const folder = mkdtempSync(join(tmpdir(), "stria-loader-workers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await useBackend(cpu({ threads: 1 }));
});

const loaders: { close(): void }[] = [];
afterAll(() => {
  for (const made of loaders) made.close();
});

function batchesOf(count: number): Loader {
  const start = new URL("../src/loader-workers/points.worker.ts", import.meta.url);
  const made = loader(points, { batchSize: 8, shuffle: true, seed: 2, transform: shaken, workers: { count, start } });
  loaders.push(made);
  return made;
}

async function parametersOf({ weight, bias }: Linear): Promise<number[][]> {
  return Promise.all([weight, bias].map(async (cell) => [...((await cell?.value.data()) ?? [])]));
}

async function train(net: Linear, count: number, callbacks: readonly Callback[], resume?: string): Promise<boolean> {
  const { stopped } = await fit(net, batchesOf(count), {
    loss: crossEntropy,
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    epochs: 3,
    callbacks,
    ...(resume !== undefined && { resume }),
  });
  return stopped;
}

const fresh = (): Linear => {
  setSeed(1);
  return new Linear(2, 3);
};

it("fit ends with the same parameters, to the bit", async () => {
  const whole = fresh();
  expect(await train(whole, 0, [])).toBe(false);
  const expected = await parametersOf(whole);

  const path = join(folder, "run.safetensors");
  const stopping: Callback = { onStep: (run, { step }) => (step === 8 ? run.stop() : undefined) };
  expect(await train(fresh(), 1, [checkpoints(path), stopping])).toBe(true);
  const resumed = fresh();
  expect(await train(resumed, 2, [], path)).toBe(false);
  expect(await parametersOf(resumed)).toEqual(expected);
});
