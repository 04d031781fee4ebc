// A training step of one of the networks, and its start for PyTorch.
import { writeFile } from "node:fs/promises";
import { type Backend, type Tensor, namedCells, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { encodeSafetensors } from "@stria/core/safetensors";
import { crossEntropy, summary } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { numbers } from "../numbers.ts";
import type { TrainingNet } from "./training-nets.ts";

/** Steps whose losses are compared. */
export const comparedSteps = 3;

interface Batch {
  readonly x: Float32Array<ArrayBuffer>;
  readonly y: Int32Array<ArrayBuffer>;
  readonly labels: readonly number[];
}

/** The same numbers in every run, and labels in turn. */
function batchOf({ input, classes, dense = false }: TrainingNet): Batch {
  const [batch, , height, width] = input;
  const labels = dense ? [batch, height, width] : [batch];
  const size = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);
  return {
    x: numbers()(size(input), 1),
    y: Int32Array.from({ length: size(labels) }, (_, index) => index % classes),
    labels,
  };
}

/** The step of a net on a backend. */
export async function striaStep(
  net: TrainingNet,
  made: Promise<Backend>,
): Promise<{ backend: Backend; step: () => Promise<{ loss: number }> }> {
  const backend = await useBackend(made);
  setSeed(1);
  const given = batchOf(net);
  const x = await tensor(given.x, { shape: [...net.input] }).to(backend);
  const y = await tensor(given.y, { shape: [...given.labels] }).to(backend);
  const model = net.make();
  const step = trainStep(model, sgd({ learningRate: 0.01, momentum: 0.9 }), (m, b: { x: Tensor; y: Tensor }) =>
    crossEntropy(m.forward(b.x), b.y),
  );
  return { backend, step: () => step({ x, y }) };
}

/** Writes the parameters as they start, and the batch, for PyTorch; says how many operations a step takes: its forward part, and both gradients. */
export async function writeStart(net: TrainingNet, path: string): Promise<number> {
  await useBackend(reference());
  setSeed(1);
  const model = net.make();
  const given = batchOf(net);
  const parameters = [...namedCells(model).values()].filter(({ role }) => role === "param");
  const entries = await Promise.all(
    parameters.map(async (cell, index) => {
      const data = await cell.value.data();
      return [`parameter${index}`, { shape: cell.shape, dtype: cell.dtype, data }] as const;
    }),
  );
  await writeFile(
    path,
    encodeSafetensors(
      new Map([
        ...entries,
        ["x", { shape: [...net.input], dtype: "float32", data: given.x }],
        ["y", { shape: given.labels, dtype: "int32", data: given.y }],
      ]),
    ),
  );
  return 6 * summary(model, net.input.slice(1)).multiplyAdds * net.input[0];
}
