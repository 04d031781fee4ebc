import { type Graph, type Tensor, fromHost } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { lenet5 } from "@stria/zoo";
import { expect, test } from "vitest";
import { backendNames } from "../src/golden/backends.ts";
import { tryBackend } from "../src/setting.ts";

/** The traced training step of LeNet-5, as plain data. */
function tracedStep(): unknown {
  const model = lenet5();
  const step = trainStep(model, adam({ learningRate: 1e-3 }), (net, { x, y }: { x: Tensor; y: Tensor }) =>
    crossEntropy(net.forward(x), y),
  );
  const batch = {
    x: fromHost(new Float32Array(64 * 1024), [64, 1, 32, 32], "float32"),
    y: fromHost(new Int32Array(64), [64], "int32"),
  };
  const { values, inputs, nodes, outputs, writebacks }: Graph = step.graph(batch);
  return { values, inputs, outputs, writebacks, nodes: nodes.map(({ op, ...rest }) => ({ ...rest, op: op.name })) };
}

test("every executor is given the same traced graph of a training step", async () => {
  const graphs: unknown[] = [];
  for (const name of backendNames) {
    const backend = await tryBackend(name);
    if (typeof backend !== "string") graphs.push(tracedStep());
  }
  expect(graphs.length).toBeGreaterThan(1);
  for (const graph of graphs) expect(graph).toEqual(graphs[0]);
});
