// A training step of LeNet-5, batch 64: Stria's executors and jax-js, in turn in one run. SGD with momentum 0.9, softmax cross-entropy.
import { cpu } from "@stria/backend-cpu";
import { onnx } from "@stria/backend-onnx";
import { type Backend, setSeed, tensor, useBackend } from "@stria/core";
import { type Sequential, conv2d, crossEntropy, dense, flatten, maxPool2d, sequential } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { type TrainStep, trainStep } from "@stria/training";
import { numbers } from "./numbers.ts";
import { jaxLenet5 } from "./peers/jax-lenet5.ts";
import type { Row, SuiteOptions } from "./row.ts";
import { type Contestant, compete } from "./timing.ts";

const batch = 64;

function network(): Sequential {
  return sequential(
    [
      conv2d(6, 5, { activation: "relu" }),
      maxPool2d(2),
      conv2d(16, 5, { activation: "relu" }),
      maxPool2d(2),
      flatten(),
      dense(120, { activation: "relu" }),
      dense(84, { activation: "relu" }),
      dense(10),
    ],
    { inputShape: [1, 32, 32] },
  );
}

const labels = Int32Array.from({ length: batch }, (_, index) => index % 10);

/** A step on a backend that then stays current: contestants are prepared one after the other, and their cells stay where they are. */
async function striaStep(name: string, made: Promise<Backend>): Promise<Contestant> {
  const backend = await useBackend(made);
  setSeed(1);
  const x = await tensor(numbers()(batch * 32 * 32, 1), { shape: [batch, 1, 32, 32] }).to(backend);
  const y = await tensor(labels).to(backend);
  const step: TrainStep<{ x: typeof x; y: typeof y }, ReturnType<typeof crossEntropy>> = trainStep(
    network(),
    sgd({ learningRate: 0.01, momentum: 0.9 }),
    (model, given: { x: typeof x; y: typeof y }) => crossEntropy(model.forward(given.x), given.y),
  );
  await step({ x, y });
  return { name, run: () => step({ x, y }) };
}

/** Medians, and how many times faster than jax-js. */
export async function measure({ threads }: SuiteOptions): Promise<Row[]> {
  // jax-js first: it looks at what the engine offers when it starts, and other libraries add to that.
  const jax = await jaxLenet5(batch, numbers(), labels);
  await jax();
  const contestants = [
    await striaStep(`stria cpu, ${threads} thread`, cpu({ threads })),
    await striaStep("stria cpu, 1 thread, deterministic", cpu({ threads: 1, deterministic: true })),
    await striaStep(`stria onnx, ${threads} thread`, onnx({ threads })),
    { name: "jax-js wasm, 1 thread", run: jax },
  ];
  const timings = await compete(contestants, { rounds: 15, warmUp: 5 });
  const peer = timings.at(-1)?.median ?? Number.NaN;
  return timings.map((timing) => ({ ...timing, figures: { "times jax-js": peer / timing.median } }));
}
