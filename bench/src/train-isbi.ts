// U-Net from nothing on the ISBI challenge of 2012: 25 slices for training, 5 for the test.
import { augmented, compose, horizontalFlip, randomCrop, verticalFlip } from "@stria/augmentation";
import { at, slice, softmax, tensor } from "@stria/core";
import { type Dataset, loader } from "@stria/data";
import { type Slice, isbiSlices } from "@stria/examples/slices";
import { crossEntropy } from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { bestCellScores, fit, labelCells, predict } from "@stria/training";
import { unet } from "@stria/zoo";
import type { Row, SuiteOptions } from "./row.ts";
import { timed } from "./training.ts";

const windowsOfSlice = 4;

const normalised = ({ pixels }: Slice): Float32Array => Float32Array.from(pixels, (pixel) => (pixel - 128) / 64);

/** Each slice so many times in an epoch: windows of it are cut. */
function windowsOf(slices: readonly Slice[], side: number): Dataset<{ x: Float32Array; y: Int32Array }> {
  const items = slices.map((one) => ({ x: normalised(one), y: Int32Array.from(one.cells) }));
  return {
    length: windowsOfSlice * items.length,
    fields: {
      x: { shape: [1, side, side], dtype: "float32" },
      y: { shape: [side, side], dtype: "int32", numClasses: 2 },
    },
    get: (index) => at(items, index % items.length),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Pixel error, and the scores of the thinned membranes at the best of eleven thresholds, on the mean of five slices. */
export async function measure(options: SuiteOptions): Promise<Row[]> {
  const { epochs = 40 } = options;
  const found = isbiSlices();
  if (!found)
    throw new Error("The slices of ISBI 2012 are not in the folder isbi2012/train of the one that STRIA_DATA names.");
  const { slices, side } = found;
  const size = { height: side, width: side };
  const train = windowsOf(slices.slice(0, 25), side);
  const transform = compose([randomCrop(128), horizontalFlip(), verticalFlip()]);
  const parts = augmented(train, { x: "image", y: "mask" }, transform);
  const batches = loader(train, { ...parts, batchSize: 10, shuffle: true });
  const steps = epochs * batches.length;
  const row = await timed("unet, a quarter of the paper's channels", options, async (run) => {
    const model = unet({ base: 16, padded: true });
    await fit(model, batches, {
      loss: crossEntropy,
      optimizer: adam({ learningRate: cosine(5e-4, { steps, warmUpSteps: Math.min(20, steps - 1) }) }),
      epochs,
      ...run,
    });
    const test = [];
    for (const one of slices.slice(25)) {
      const scores = await predict(model, tensor(normalised(one), { shape: [1, 1, side, side] }));
      const cells = await slice(softmax(scores, 1), [0, 1, 0, 0], [1, 1, side, side]).data();
      const wrong = cells.filter((cell, place) => cell > 0.5 !== (at(one.cells, place) === 1)).length;
      test.push({ wrong: wrong / cells.length, ...bestCellScores(cells, labelCells(one.cells, size), size) });
    }
    return {
      epochs,
      "pixel error %": 100 * meanOf(test.map(({ wrong }) => wrong)),
      rand: meanOf(test.map(({ rand }) => rand)),
      information: meanOf(test.map(({ information }) => information)),
    };
  });
  return [row];
}
