// What forecastTraining says of the benchmark nets, beside what training then takes: an epoch of so many batches through fit. In turn, a few rounds, for neighbours of the machine disturb both.
import { cpu } from "@stria/backend-cpu";
import { type Tensor, setSeed, tensor, useBackend } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { fit, forecastTraining } from "@stria/training";
import { trainingNets } from "./cpu/training-nets.ts";
import { numbers } from "./numbers.ts";
import type { Row, SuiteOptions } from "./row.ts";
import { median } from "./timing.ts";

/** Batches of an epoch that is measured. */
const epochBatches: Readonly<Record<string, number>> = {
  lenet5_b64: 200,
  resnet20_b32: 16,
  densenet40_b16: 4,
  unet16_128_b2: 12,
  vggish_b16: 12,
};

/** Milliseconds of a step, as forecast and as measured, and how many times the measured the forecast is: medians of the rounds. */
export async function measure({ threads, filter = "", rounds = 5 }: SuiteOptions): Promise<Row[]> {
  await useBackend(cpu({ threads }));
  const draw = numbers();
  const rows: Row[] = [];
  for (const { name, make, input, dense: perPixel = false } of trainingNets) {
    const batches = epochBatches[name];
    if (batches === undefined || !name.includes(filter)) continue;
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
    const options = { ...training, examples: rowsOfBatch * batches };
    const epoch = Array.from({ length: batches }, () => batch);
    await fit(model, [batch], { ...training, epochs: 1 }); // compiles
    const pairs: { readonly forecast: number; readonly measured: number; readonly timedBatch: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const found = await forecastTraining(model, batch, options);
      const start = performance.now();
      await fit(model, epoch, { ...training, epochs: 1 });
      const measured = (performance.now() - start) / batches;
      pairs.push({ forecast: found.secondsPerStep * 1000, measured, timedBatch: found.timedBatch });
      if (round === 0) console.log(`${name}: ${String(found)}`);
    }
    const measured = pairs.map((pair) => pair.measured);
    rows.push({
      name,
      median: median(measured),
      fastest: Math.min(...measured),
      figures: {
        "forecast ms": median(pairs.map((pair) => pair.forecast)),
        "forecast / measured": median(pairs.map((pair) => pair.forecast / pair.measured)),
        "timed batch": median(pairs.map((pair) => pair.timedBatch)),
      },
    });
  }
  return rows;
}
