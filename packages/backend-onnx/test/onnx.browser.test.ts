// The same backend in a real browser: onnxruntime-web's WebAssembly entry, on threads where the page is cross-origin isolated.
import { tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { onnx } from "../src/index.ts";
import { train } from "./support/lenet.ts";
import { noise } from "./support/noise.ts";

test("LeNet-5 learns a batch, on two threads where the page may have them", async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  await useBackend(onnx({ threads: 2 }));
  const { step } = train();
  const x = tensor(noise(5, 8 * 784), { shape: [8, 1, 28, 28] });
  const labels = tensor(Int32Array.from({ length: 8 }, (_, index) => index));
  const losses: number[] = [];
  for (let count = 0; count < 100; count++) {
    const loss = step(x, labels);
    losses.push(await loss.item());
    loss.dispose();
  }
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.1);
});
