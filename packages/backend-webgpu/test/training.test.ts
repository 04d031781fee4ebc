// Whole training steps: the same graph on the GPU and on the reference executor, and no growth over many of them.
import { type Backend, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterAll, describe, expect, it } from "vitest";
import { openOrReason } from "./support/device.ts";
import { drawBatch, drawWeights, trainingStep } from "./support/lenet.ts";
import { Dice } from "./support/value.ts";

const opened = await openOrReason();
const backend = "backend" in opened ? opened.backend : undefined;
afterAll(() => backend?.dispose());

/** Trains from the same start; returns the losses, and the device's memory after each step. */
async function train(on: Backend, steps: number, batch: number): Promise<{ losses: number[]; memory: unknown[] }> {
  await useBackend(on);
  const dice = new Dice(3);
  let state = { weights: drawWeights(dice), momentum: drawWeights(dice, 0) };
  const { x, labels } = drawBatch(dice, batch);
  const losses: number[] = [];
  const memory: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    const next = trainingStep(state, x, labels);
    losses.push(await next.loss.item());
    for (const old of [...Object.values(state.weights), ...Object.values(state.momentum), next.loss]) old.dispose();
    state = next;
    memory.push(on.memory());
  }
  return { losses, memory };
}

describe.skipIf(!backend)(`training${"reason" in opened ? ` (skipped: ${opened.reason})` : ""}`, () => {
  it("a LeNet-5 follows the reference, and holds the same memory after every step", async () => {
    if (!backend) return;
    const { losses, memory } = await train(backend, 6, 4);
    const wanted = await train(reference(), 6, 4);
    for (const [step, loss] of losses.entries()) expect(loss).toBeCloseTo(wanted.losses[step] ?? Number.NaN, 4);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? 0);
    // After the first step, which has uploaded the batch.
    const settled = memory.slice(1);
    expect(settled).toEqual(settled.map(() => settled[0]));
  });
});
