// U-Net finds the membranes between cells in electron micrographs, scored as the ISBI challenge of 2012 did, and paints the cells.
import { augmented, compose, horizontalFlip, randomCrop, verticalFlip } from "@stria/augmentation";
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, slice as partOf, softmax, tensor, useBackend } from "@stria/core";
import { type Dataset, loader } from "@stria/data";
import { crossEntropy } from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { type BestScores, bestCellScores, fit, labelCells, predict, progressBar, thinMembranes } from "@stria/training";
import { unet } from "@stria/zoo";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet } from "../src/sheet.ts";
import { type Slice, openSlices } from "../src/slices.ts";

const { quick, epochs, seed, threads, file } = setting({ epochs: 40 });
setSeed(seed);
await useBackend(cpu({ threads }));
const { name, side, slices } = openSlices(quick);
const size = { height: side, width: side };

interface Item {
  readonly x: Float32Array;
  readonly y: Int32Array;
}

const normalised = ({ pixels }: Slice): Float32Array => Float32Array.from(pixels, (pixel) => (pixel - 128) / 64);
const train: Dataset<Item> = {
  length: quick ? 10 : 100, // each slice four times in an epoch
  fields: {
    x: { shape: [1, side, side], dtype: "float32" },
    y: { shape: [side, side], dtype: "int32", numClasses: 2 },
  },
  get: (index) => ({ x: normalised(at(slices, index % 25)), y: Int32Array.from(at(slices, index % 25).cells) }),
};

// Twenty-five slices are few: each epoch sees other windows of each, other ways up.
const transform = compose([randomCrop(quick ? 32 : 128), horizontalFlip(), verticalFlip()]);
const batches = loader(train, {
  ...augmented(train, { x: "image", y: "mask" }, transform),
  batchSize: 10,
  shuffle: true,
});
const test = slices.slice(25, quick ? 27 : 30);
const model = unet({ base: quick ? 4 : 16, padded: true });
const steps = epochs * batches.length;
say(`U-Net on ${name}: 25 slices for training, ${test.length} for the test`);
await fit(model, batches, {
  loss: crossEntropy,
  optimizer: adam({ learningRate: cosine(5e-4, { steps, warmUpSteps: Math.min(20, steps - 1) }) }),
  epochs,
  callbacks: [progressBar()],
});

/** The probability of each pixel to be in a cell. */
async function probabilities(one: Slice): Promise<Float32Array> {
  const scores = await predict(model, tensor(normalised(one), { shape: [1, 1, side, side] }));
  return Float32Array.from(await partOf(softmax(scores, 1), [0, 1, 0, 0], [1, 1, side, side]).data());
}

/** Red where the membrane is likely, over the grey slice. */
function overlaid({ pixels }: Slice, cells: Float32Array): Float32Array {
  const planes = new Float32Array(3 * pixels.length);
  for (const [place, grey] of pixels.entries())
    for (let channel = 0; channel < 3; channel++) {
      const [membrane, colour] = [1 - at(cells, place), channel === 0 ? 1 : 0.1];
      planes[channel * pixels.length + place] = (1 - 0.7 * membrane) * (grey / 255) + 0.7 * membrane * colour;
    }
  return planes;
}

/** Each cell in a colour of its own. */
function painted(cells: ArrayLike<number>): Uint8Array {
  const numbers = labelCells(cells, size);
  const planes = new Uint8Array(3 * numbers.length);
  for (const [place, cell] of numbers.entries())
    for (let channel = 0; channel < 3; channel++)
      planes[channel * numbers.length + place] = cell === 0 ? 0 : 70 + ((cell * (97 + 54 * channel)) % 186);
  return planes;
}

const sheet = new Sheet(1000, 60 + 345 * 2);
for (const [column, title] of ["slice, membranes found in red", "cells found", "true cells"].entries())
  sheet.words(title, 20 + 325 * column, 40, { size: 16 });
let [wrong, best]: [number, BestScores[]] = [0, []];
for (const [index, one] of test.entries()) {
  const found = await probabilities(one);
  wrong += found.filter((probability, place) => probability > 0.5 !== (at(one.cells, place) === 1)).length;
  best = [...best, bestCellScores(found, labelCells(one.cells, size), size)];
  if (index > 1) continue;
  const cells = thinMembranes(
    Uint8Array.from(found, (probability) => (probability > at(best, index).threshold ? 1 : 0)),
    size,
  );
  const pictures = [overlaid(one, found), painted(cells), painted(one.cells)];
  for (const [column, pixels] of pictures.entries())
    sheet.picture(
      { pixels, shape: [3, side, side] },
      { x: 20 + 325 * column, y: 55 + 345 * index, width: 310, height: 310 },
    );
}
const rand = best.reduce((sum, scores) => sum + scores.rand, 0) / best.length;
say(
  `pixel error ${percent(wrong / (test.length * side * side))}, Rand score of the thinned membranes ${rand.toFixed(4)}`,
);
sheet.write(file("segmentation.svg"));
say(`Drawn: ${file("segmentation.svg")}`);
