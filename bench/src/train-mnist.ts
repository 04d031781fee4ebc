// LeNet-5 from nothing on MNIST: as taught today, longer with shifted digits, and as published in 1998 (99.05 %, and 99.2 % with distorted digits).
import { augmented, randomCrop } from "@stria/augmentation";
import { cast, equal } from "@stria/core";
import { type NormaliseOptions, loader, mnist } from "@stria/data";
import { type Module, crossEntropy } from "@stria/layers";
import { adamW, cosine } from "@stria/optimizers";
import { type LossFunction, type Metric, accuracy, evaluate, fit, meanOf } from "@stria/training";
import { lenet5, lenet5Original, rbfMapLoss } from "@stria/zoo";
import type { Row, SuiteOptions } from "./row.ts";
import { timed } from "./training.ts";

interface Recipe {
  readonly name: string;
  readonly create: () => Module;
  readonly loss: LossFunction;
  readonly accuracy: Metric;
  readonly images: NormaliseOptions;
  /** How far digits are shifted at random, in pixels. */
  readonly shift: number;
  readonly epochs: number;
  readonly peakRate: number;
}

const today = { create: lenet5, loss: crossEntropy, accuracy, images: { pad: 2 }, peakRate: 4e-3 };

const recipes: readonly Recipe[] = [
  { ...today, name: "lenet5", shift: 0, epochs: 4 },
  { ...today, name: "lenet5, shifted by up to 2 pixels", shift: 2, epochs: 12 },
  {
    name: "lenet5 of 1998: sparse C3, distances to codes",
    create: lenet5Original,
    loss: rbfMapLoss,
    // The nearest code wins.
    accuracy: meanOf((distances, { y }) => cast(equal(distances.neg().argMax(1), y), "float32")),
    images: { normalise: { mean: [0.1 / 1.275], std: [1 / 1.275] } },
    shift: 0,
    epochs: 20,
    peakRate: 2e-3,
  },
];

/** Accuracy on the 10,000 test images. */
export async function measure({ threads, epochs: asked }: SuiteOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, create, loss, accuracy: share, images, shift, epochs: own, peakRate } of recipes) {
    const epochs = asked ?? own;
    const { train, test } = await mnist(images);
    const row = await timed(name, { threads }, async (run) => {
      const model = create();
      const shifts = shift > 0 ? augmented(train, { x: "image" }, randomCrop(32, { padding: shift })) : {};
      const batches = loader(train, { batchSize: 64, shuffle: true, ...shifts });
      const steps = epochs * batches.length;
      const learningRate = cosine(peakRate, { steps, warmUpSteps: Math.floor(steps / 10) });
      const optimizer = adamW({ learningRate, weightDecay: 0.1 });
      await fit(model, batches, { loss, optimizer, epochs, ...run });
      const reached = await evaluate(model, loader(test, { batchSize: 500 }), { share });
      return { epochs, "accuracy %": 100 * reached.share };
    });
    console.log(row);
    rows.push(row);
  }
  return rows;
}
