// Thousands of training steps of a small net, and what the backend holds in the course of them.
import { type Backend, type MemoryUse, at, fillUniform, fromHost, setSeed, streamKey } from "@stria/core";
import { arrayDataset, loader } from "@stria/data";
import { type Module, batchNorm2d, conv2d, crossEntropy, dense, flatten, maxPool2d, sequential } from "@stria/layers";
import { adam, sgd } from "@stria/optimizers";
import { type LabelledBatch, accuracy, fit, trainStep } from "@stria/training";
import { expect, test } from "vitest";
import { type BackendName, openBackend } from "../src/golden/backends.ts";
import { onBackend } from "./on-backend.ts";

const [classes, edge, batchSize] = [3, 8, 4];
/** By then every program is compiled and has run: nothing is made for the first time after it. */
const usualWarmUp = 100;

function smallNet(): Module {
  setSeed(11);
  return sequential([conv2d(4, 3, { activation: "relu" }), batchNorm2d(), maxPool2d(2), flatten(), dense(classes)], {
    inputShape: [1, edge, edge],
  });
}

/** Noise whose brightest rows say the class; sample `index` of an endless stream has the class `index % classes`. */
function samples(number: number, count: number): { readonly x: Float32Array; readonly y: Int32Array } {
  const size = edge * edge;
  const x = new Float32Array(count * size);
  fillUniform(streamKey(5, "x", number), 0, x);
  const y = Int32Array.from({ length: count }, (_, row) => (number * count + row) % classes);
  for (const [row, label] of y.entries()) {
    const start = row * size + label * 2 * edge;
    for (let k = start; k < start + 2 * edge; k++) x[k] = at(x, k) + 1;
  }
  return { x, y };
}

interface Soaked {
  /** What the backend held after the warm-up, and at the end. */
  readonly memory: readonly [MemoryUse, MemoryUse];
  /** Mean loss of the warm-up, and of as many steps at the end. */
  readonly losses: readonly [number, number];
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

interface SoakOptions {
  readonly warmUp?: number;
  readonly size?: number;
  readonly afterStep?: (steps: number) => void;
}

/** `steps` steps as a user's own loop makes them: every batch is new on the host, used once and forgotten. */
export async function soakTrainStep(
  backend: Backend,
  steps: number,
  { warmUp = usualWarmUp, size = batchSize, afterStep }: SoakOptions = {},
): Promise<Soaked> {
  const step = trainStep(smallNet(), adam({ learningRate: 3e-3 }), (net, { x, y }: LabelledBatch) =>
    crossEntropy(net.forward(x), y),
  );
  const losses: number[] = [];
  let warm = backend.memory();
  for (let number = 0; number < steps; number++) {
    const { x, y } = samples(number, size);
    const { loss } = await step({ x: fromHost(x, [size, 1, edge, edge], "float32"), y: fromHost(y, [size], "int32") });
    losses.push(loss);
    if (losses.length === warmUp) warm = backend.memory();
    afterStep?.(losses.length);
  }
  return {
    memory: [warm, backend.memory()],
    losses: [meanOf(losses.slice(0, warmUp)), meanOf(losses.slice(-warmUp))],
  };
}

/** `steps` steps of `fit` over a shuffling loader, with a metric and validation; an epoch is as long as the warm-up. */
async function soakFit(backend: Backend, steps: number, { warmUp = usualWarmUp }: SoakOptions = {}): Promise<Soaked> {
  const { x, y } = samples(0, warmUp * batchSize);
  const data = arrayDataset(x, y, { shape: [1, edge, edge], numClasses: classes });
  const memory: MemoryUse[] = [];
  const { epochs } = await fit(smallNet(), loader(data, { batchSize, shuffle: true, seed: 3 }), {
    loss: crossEntropy,
    optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }),
    epochs: steps / warmUp,
    metrics: { accuracy },
    validation: loader(data, { batchSize }),
    callbacks: [{ onEpochEnd: () => void memory.push(backend.memory()) }],
  });
  return {
    memory: [at(memory, 0), at(memory, memory.length - 1)],
    losses: [at(epochs, 0).loss, at(epochs, epochs.length - 1).loss],
  };
}

/** The runs by the name of what makes their steps. */
const soaks = { trainStep: soakTrainStep, fit: soakFit } as const;

/** Declares the tests of one executor: the net learns, and no byte and no buffer is held more at the end than after the warm-up. */
export async function testSoak(name: BackendName, steps: number, warmUp: number = usualWarmUp): Promise<void> {
  await onBackend(name, () => {
    test.each(["trainStep", "fit"] as const)(
      `${steps} steps of %s hold no more memory than the first ${warmUp}`,
      { timeout: 1_200_000 },
      async (kind) => {
        const backend = await openBackend(name);
        try {
          const { memory, losses } = await soaks[kind](backend, steps, { warmUp });
          expect(memory[1]).toEqual(memory[0]);
          expect(memory[0].buffers).toBeGreaterThan(0);
          expect(losses[1]).toBeLessThan(losses[0]);
        } finally {
          backend.dispose();
        }
      },
    );
  });
}
