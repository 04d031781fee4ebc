// Thousands of training steps, and what TF.js's pool of buffers holds in the course of them: `memory()` does not see the pool.
import { dtypes, useBackend } from "@stria/core";
import { fromKernels } from "@stria/core/backends";
import { describe, expect, it } from "vitest";
import { kernelTable } from "../src/kernels/table.ts";
import type { DeviceTensor } from "../src/tensor.ts";
import { openOrReason } from "./support/device.ts";
import { drawBatch, drawWeights, trainingStep } from "./support/lenet.ts";
import { openRuntime } from "./support/runtime.ts";
import { Dice } from "./support/value.ts";

const opened = await openOrReason();
if ("backend" in opened) opened.backend.dispose();
const reason = "reason" in opened ? ` (skipped: ${opened.reason})` : "";

describe.skipIf(reason !== "")(`the pool${reason}`, () => {
  it("is as large after 2,000 steps of a LeNet-5 as after 50", { timeout: 1_200_000 }, async () => {
    const { runtime, device } = await openRuntime();
    const backend = await useBackend(
      fromKernels<DeviceTensor>({
        name: "webgpu",
        dtypes,
        kernels: kernelTable(runtime),
        upload: (data, aval) => runtime.upload(data, aval),
        download: (tensor) => runtime.download(tensor),
        free: (tensor) => runtime.free(tensor),
        dispose: () => runtime.dispose(),
      }),
    );
    const dice = new Dice(7);
    let state = { weights: drawWeights(dice), momentum: drawWeights(dice, 0) };
    const held = (): unknown => ({ memory: backend.memory(), pool: runtime.pool() });
    let warm: unknown;
    for (let step = 1; step <= 2000; step++) {
      const { x, labels } = drawBatch(dice, 4);
      const next = trainingStep(state, x, labels);
      await next.loss.item();
      for (const old of [...Object.values(state.weights), ...Object.values(state.momentum), next.loss]) old.dispose();
      state = next;
      if (step === 50) warm = held();
    }
    expect(held()).toEqual(warm);
    for (const last of [...Object.values(state.weights), ...Object.values(state.momentum)]) last.dispose();
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
    expect(runtime.pool().used).toBe(0);
    backend.dispose();
    device.destroy();
  });
});
