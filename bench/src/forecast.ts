// What forecastTraining says of the benchmark nets, beside what training then takes: an epoch of so many batches through fit.
import { cpu } from "@stria/backend-cpu";
import { type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { fit, forecastTraining } from "@stria/training";
import { trainingNets } from "./cpu/training-nets.ts";
import { numbers } from "./numbers.ts";
import type { Row, SuiteOptions } from "./row.ts";

/** Batches of the epoch that is measured. */
const epochBatches: Readonly<Record<string, number>> = {
  lenet5_b64: 600,
  resnet20_b32: 40,
  densenet40_b16: 12,
  unet16_128_b2: 30,
  vggish_b16: 20,
};

/** Milliseconds of a step, as forecast and as measured, and how many times the forecast the measured is. */
export async function measure({ threads }: SuiteOptions): Promise<Row[]> {
  await useBackend(cpu({ threads }));
  const draw = numbers();
  const rows: Row[] = [];
  for (const { name, make, input, dense: perPixel = false } of trainingNets) {
    const batches = epochBatches[name];
    if (batches === undefined) continue;
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
