// What the tests of kept runs share: a folder for each test, a run that is hard to repeat, a step of one number.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { type Linear, crossEntropy, mseLoss } from "@stria/layers";
import { adam, ema, withAverage } from "@stria/optimizers";
import { afterEach, beforeEach, vi } from "vitest";
import { type FitOptions, type History, type LabelledBatch, type MetricTable, fit } from "../src/index.ts";
import { batchesOf, smallNet } from "./support.ts";

export const loss = (m: Linear, { x, y }: LabelledBatch): Tensor => mseLoss(m.forward(x), y);
export const pair = (): LabelledBatch => ({ x: tensor([[1], [2]]), y: tensor([[3], [5]]) });

/** Gives every test of the file a folder of its own, seed 3 and the reference. Returns the path of a file in the folder, or of the folder itself. */
export function fileIn(): (name: string) => string {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "stria-"));
    setSeed(3);
    await useBackend(reference());
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });
  return (name) => join(folder, name);
}

export function train<Table extends MetricTable>(
  options: Partial<FitOptions<Table>>,
  model: ReturnType<typeof smallNet> = smallNet(),
): Promise<History> {
  return fit(model, batchesOf(4), {
    loss: crossEntropy,
    optimizer: withAverage(adam({ learningRate: 0.01 }), ema(0.9)),
    epochs: 3,
    ...options,
  });
}
