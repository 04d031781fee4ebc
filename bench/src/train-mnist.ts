// LeNet-5 from nothing on MNIST: the recipe of apps/digits, and a longer one with shifted digits. The paper of 1998 has 99.05 %.
import { augmented, randomCrop } from "@stria/augmentation";
import { loader, mnist } from "@stria/data";
import { crossEntropy } from "@stria/layers";
import { adamW, cosine } from "@stria/optimizers";
import { accuracy, evaluate, fit, progressBar } from "@stria/training";
import { lenet5 } from "@stria/zoo";
import type { Row, SuiteOptions } from "./row.ts";
import { timed } from "./training.ts";

const recipes = [
  { name: "lenet5", shift: 0, epochs: 4 },
  { name: "lenet5, digits shifted by up to 2 pixels", shift: 2, epochs: 12 },
];

/** Accuracy on the 10,000 test images. */
export async function measure({ threads, epochs: asked }: SuiteOptions): Promise<Row[]> {
  const { train, test } = await mnist({ pad: 2 });
  const rows: Row[] = [];
  for (const { name, shift, epochs: own } of recipes) {
    const epochs = asked ?? own;
    rows.push(
      await timed(name, threads, async () => {
        const model = lenet5();
        const shifts = augmented(train, { x: "image" }, randomCrop(32, { padding: shift }));
        const batches = loader(train, { batchSize: 64, shuffle: true, ...(shift > 0 && shifts) });
        const steps = epochs * batches.length;
        const learningRate = cosine(4e-3, { steps, warmUpSteps: Math.floor(steps / 10) });
        await fit(model, batches, {
          loss: crossEntropy,
          optimizer: adamW({ learningRate, weightDecay: 0.1 }),
          epochs,
          callbacks: [progressBar()],
        });
        const reached = await evaluate(model, loader(test, { batchSize: 500 }), { accuracy });
        return { epochs, "accuracy %": 100 * reached.accuracy };
      }),
    );
  }
  return rows;
}
