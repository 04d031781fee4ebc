// The same backend in a real browser: onnxruntime-web's WebAssembly entry, on threads where the page is cross-origin isolated.
import { at, tensor, useBackend } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { onnx } from "../src/index.ts";
import { cases } from "./support/cases.ts";
import { train } from "./support/lenet.ts";
import { Random } from "./support/random.ts";
import { difference, oneNode, runGraph } from "./support/run.ts";

test("every op agrees with the reference", async () => {
  const [backend, oracle] = [await onnx({ threads: 2 }), reference()];
  const differences: string[] = [];
  for (const [name, make] of Object.entries(cases)) {
    const op = allOps[name];
    if (!op) continue;
    for (let round = 0; round < 3; round++) {
      const made = make(new Random(round));
      const graph = oneNode(op, made);
      const data = made.inputs.map((input) => input.data);
      const [found, wanted] = [await runGraph(backend, graph, data), await runGraph(oracle, graph, data)];
      for (const [index, output] of wanted.entries()) {
        const words = difference(at(found, index), output, made.rtol, made.atol);
        if (words !== undefined) differences.push(`${name} ${JSON.stringify(made.attrs)}: ${words}`);
      }
    }
  }
  expect(differences).toEqual([]);
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
});

test("LeNet-5 learns a batch, on two threads where the page may have them", async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  await useBackend(onnx({ threads: 2 }));
  const { step } = train();
  const random = new Random(5);
  const x = tensor(Float32Array.from(random.operand([8, 1, 28, 28], "float32", { scale: 1 }).data), {
    shape: [8, 1, 28, 28],
  });
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
