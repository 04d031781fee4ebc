// What forecastTraining says of the benchmark nets, beside what training then takes: an epoch of so many batches through fit.
import { cpu } from "@stria/backend-cpu";
import { type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { type Module, conv2d, crossEntropy, dense, flatten, globalAvgPool, maxPool2d, sequential } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { fit, forecastTraining } from "@stria/training";
import { cifarDenseNet, resnet20, unet } from "@stria/zoo";
import { numbers } from "./numbers.ts";
import type { Row, SuiteOptions } from "./row.ts";

interface Net {
  readonly name: string;
  readonly make: () => Module;
  /** [N, C, H, W]. */
  readonly input: readonly [number, number, number, number];
  /** Batches of the epoch that is measured. */
  readonly batches: number;
  /** A label for each pixel. */
  readonly dense?: boolean;
}

const wide = (filters: number) => conv2d(filters, 3, { padding: 1, activation: "relu" });

const nets: readonly Net[] = [
  {
    name: "lenet5, batch of 64",
    make: () =>
      sequential(
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
      ),
    input: [64, 1, 32, 32],
    batches: 600,
  },
  { name: "resnet20, batch of 32", make: () => resnet20(), input: [32, 3, 32, 32], batches: 40 },
  {
    name: "densenet40, batch of 16",
    make: () => cifarDenseNet({ depth: 40, growth: 12 }),
    input: [16, 3, 32, 32],
    batches: 12,
  },
  {
    name: "unet of base 16, batch of 2",
    make: () => unet({ base: 16, padded: true }),
    input: [2, 1, 128, 128],
    batches: 30,
    dense: true,
  },
  {
    name: "vggish, batch of 16",
    make: () =>
      sequential(
        [
          wide(64),
          wide(64),
          maxPool2d(2),
          wide(128),
          wide(128),
          maxPool2d(2),
          wide(256),
          wide(256),
          globalAvgPool(),
          dense(10),
        ],
        { inputShape: [3, 32, 32] },
      ),
    input: [16, 3, 32, 32],
    batches: 20,
  },
];

/** Milliseconds of a step, as forecast and as measured, and how many times the forecast the measured is. */
export async function measure({ threads }: SuiteOptions): Promise<Row[]> {
  await useBackend(cpu({ threads }));
  const draw = numbers();
  const rows: Row[] = [];
  for (const { name, make, input, batches, dense: perPixel = false } of nets) {
    setSeed(1);
    const [rowsOfBatch, , height, width] = input;
    const x = tensor(
      draw(
        input.reduce((all, length) => all * length),
        1,
      ),
      { shape: [...input] },
    );
    const labels = perPixel ? [rowsOfBatch, height, width] : [rowsOfBatch];
    const count = labels.reduce((all, length) => all * length);
    const y = tensor(
      Int32Array.from({ length: count }, (_, index) => index % 2),
      { shape: labels },
    );
    const batch: { x: Tensor; y: Tensor } = { x, y };
    const training = { loss: crossEntropy, optimizer: sgd({ learningRate: 0.01, momentum: 0.9 }) };
    const model = make();
    const found = await forecastTraining(model, batch, { ...training, examples: rowsOfBatch * batches });
    await fit(model, [batch], { ...training, epochs: 1 }); // compiles
    const start = performance.now();
    await fit(
      model,
      Array.from({ length: batches }, () => batch),
      { ...training, epochs: 1 },
    );
    const measured = (performance.now() - start) / batches;
    const forecast = found.secondsPerStep * 1000;
    rows.push({
      name,
      median: measured,
      fastest: measured,
      figures: { "forecast ms": forecast, "forecast / measured": forecast / measured, "timed batch": found.timedBatch },
    });
    console.log(`${name}: ${String(found)}`);
  }
  return rows;
}
