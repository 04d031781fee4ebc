// What ResNet-20 learned of photographs helps it to read digits from a hundred examples: features computed once, a new head, then fine-tuning.
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, useBackend } from "@stria/core";
import { type Dataset, type ImageDataset, arrayDataset, loader, map, take } from "@stria/data";
import { Linear, type Module, crossEntropy, features, loadStateDict, stateDict } from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { accuracy, evaluate, fit, predict } from "@stria/training";
import { resnet20 } from "@stria/zoo";
import { openBackbone } from "../src/backbone.ts";
import { openDigits } from "../src/digits.ts";
import { nearestRows } from "../src/nearest.ts";
import { rowsOnDisk } from "../src/on-disk.ts";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet } from "../src/sheet.ts";

const { quick, epochs, seed, threads, file } = setting({ epochs: 20 });
setSeed(seed);
await useBackend(cpu({ threads }));

/** Digits as the network has seen photographs: 32x32, three channels, black where its mean grey was. */
const asPhotographs = (digits: Dataset): Dataset =>
  map(digits, ({ x, y }) => ({ x: Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => 2.5 * at(x, i % 1024)), y }), {
    x: { shape: [3, 32, 32], dtype: "float32" },
  });
const digits = await openDigits(quick, { pad: 2 });
const train = asPhotographs(take(digits.train, quick ? 40 : 100));
const test = asPhotographs(take(digits.test, quick ? 60 : 2000));

const { model: backbone, weights } = await openBackbone(quick);
const width = 64;
const codes = features(backbone, ["pool"]); // what the network sees, before its head

/** The codes of images, [N, 64]: computed once, then read from the disk. */
function codesOf(name: string, images: Dataset): Promise<Float32Array> {
  const path = file(`codes-${digits.name}-${weights}-${name}-${images.length}.safetensors`);
  return rowsOnDisk(path, [images.length, width], async () => {
    const rows: number[] = [];
    for await (const { x } of loader(images, { batchSize: 100 }))
      rows.push(...(await (await predict(codes, x)).pool.data()));
    return rows;
  });
}

/** Trains, and says how many of the test digits are read. */
async function taught(
  what: string,
  model: Module,
  from: Dataset,
  on: Dataset,
  rate: number,
  passes: number,
): Promise<number> {
  const batches = loader(from, { batchSize: 20, shuffle: true });
  const learningRate = cosine(rate, { steps: passes * batches.length });
  await fit(model, batches, { loss: crossEntropy, optimizer: adam({ learningRate }), epochs: passes });
  const reached = (await evaluate(model, loader(on, { batchSize: 200 }), { accuracy })).accuracy;
  say(`${what}: ${percent(reached)}`);
  return reached;
}

const [ownCodes, testCodes] = [await codesOf("train", train), await codesOf("test", test)];
const labelled = (rows: Float32Array, { label }: ImageDataset): Dataset =>
  arrayDataset(
    rows,
    Int32Array.from({ length: rows.length / width }, (_, i) => label(i)),
    { shape: [width], numClasses: 10 },
  );
const head = new Linear(width, 10);
const [from, on] = [labelled(ownCodes, digits.train), labelled(testCodes, digits.test)];
const onCodes = await taught("a new head on frozen features", head, from, on, 1e-2, 5 * epochs);

// The new head in the place of the old one, and all of it trained on.
loadStateDict(backbone.linear, stateDict(head));
const fineTuned = await taught("fine-tuned", backbone, train, test, 3e-3, epochs);
const fromNothing = await taught("from nothing, as long", resnet20(), train, test, 3e-3, epochs);

const sheet = new Sheet(860, 560);
const shares = { "new head, the rest frozen": onCodes, "then fine-tuned": fineTuned, "from nothing": fromNothing };
sheet.shares(`Test digits read after ${train.length} examples`, shares, 40, 40, "#1668c7");

// What looks alike to the network: the examples whose codes point the same way.
sheet.words("Test digits, and the examples most like them to the frozen network", 40, 205, { size: 16 });
for (let row = 0; row < 5; row++) {
  const nearest = nearestRows(ownCodes, width, testCodes.subarray(row * width, (row + 1) * width), 10);
  const pictures = [digits.test.pixels(row), ...nearest.map((index) => digits.train.pixels(index))];
  for (const [column, pixels] of pictures.entries())
    sheet.picture(
      { pixels, shape: [1, 28, 28] },
      { x: 40 + 68 * column + (column > 0 ? 30 : 0), y: 220 + 66 * row, width: 60, height: 60 },
    );
}
sheet.write(file("transfer-learning.svg"));
say(`Drawn: ${file("transfer-learning.svg")}`);
