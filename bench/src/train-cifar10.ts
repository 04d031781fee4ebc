// ResNet-20 from nothing on CIFAR-10, padded by 4, cropped and flipped as in the paper (He et al. 2015, section 4.2), on a budget of minutes.
import { augmented, compose, horizontalFlip, randomCrop } from "@stria/augmentation";
import { loader } from "@stria/data";
import { openCifar10 } from "@stria/examples/cifar10";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { accuracy, evaluate, fit } from "@stria/training";
import { resnet20 } from "@stria/zoo";
import type { Row, SuiteOptions } from "./row.ts";
import { timed } from "./training.ts";

const peakRate = 0.1;

/** Accuracy on the test images that are at hand. */
export async function measure(options: SuiteOptions): Promise<Row[]> {
  const { epochs = 30 } = options;
  const { train, test } = await openCifar10();
  const model = resnet20();
  const transform = compose([randomCrop(32, { padding: 4 }), horizontalFlip()]);
  const batches = loader(train, { ...augmented(train, { x: "image" }, transform), batchSize: 64, shuffle: true });
  // Up for two epochs, level to the middle, down to nothing: the level part tells before the end how many epochs there is time for.
  const [warmUp, level] = [Math.min(2, epochs / 2) * batches.length, Math.ceil(epochs / 2) * batches.length];
  const steps = epochs * batches.length;
  const learningRate = (step: number): number =>
    step < warmUp ? (peakRate * (step + 1)) / warmUp : peakRate * Math.min(1, (steps - step) / (steps - level));
  const row = await timed(`resnet20, ${train.length} images`, options, async (run) => {
    await fit(model, batches, {
      loss: crossEntropy,
      optimizer: sgd({ learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4 }),
      epochs,
      metrics: { accuracy },
      validation: loader(test, { batchSize: 250 }),
      ...run,
    });
    const reached = await evaluate(model, loader(test, { batchSize: 250 }), { accuracy });
    return { epochs, "accuracy %": 100 * reached.accuracy, "test images": test.length };
  });
  return [row];
}
