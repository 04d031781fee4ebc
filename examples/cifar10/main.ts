// ResNet-20 learns the photographs of CIFAR-10, cropped and mirrored; drawn are its curves, its accuracy by class and what it takes for something else.
import { augmented, compose, horizontalFlip, randomCrop } from "@stria/augmentation";
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, softmax, useBackend } from "@stria/core";
import { loader, take } from "@stria/data";
import { crossEntropy } from "@stria/layers";
import { oneCycle, sgd } from "@stria/optimizers";
import { accuracy, fit, predict, progressBar } from "@stria/training";
import { resnet20 } from "@stria/zoo";
import { openCifar10 } from "../src/cifar10.ts";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet } from "../src/sheet.ts";

const { quick, epochs, seed, threads, file } = setting({ epochs: 30 });
setSeed(seed);
await useBackend(cpu({ threads }));
const { train, test } = await openCifar10();
const images = quick ? take(train, 320) : train;
say(`ResNet-20 on CIFAR-10: ${images.length} images, ${test.length} to test with`);

const transform = compose([randomCrop(32, { padding: 4 }), horizontalFlip()]);
const batches = loader(images, { ...augmented(images, { x: "image" }, transform), batchSize: 64, shuffle: true });
const model = resnet20();
const { epochs: history } = await fit(model, batches, {
  loss: crossEntropy,
  optimizer: sgd({
    learningRate: oneCycle(0.1, { steps: epochs * batches.length }),
    momentum: 0.9,
    nesterov: true,
    weightDecay: 5e-4,
  }),
  epochs,
  metrics: { accuracy },
  validation: loader(test, { batchSize: 250 }),
  callbacks: [progressBar()],
});

interface Answer {
  readonly index: number;
  readonly label: number;
  readonly found: number;
  readonly confidence: number;
}

const answers: Answer[] = [];
for await (const { x, y } of loader(test, { batchSize: 250 })) {
  const probabilities = softmax(await predict(model, x), 1);
  const [found, confidence] = [await probabilities.argMax(1).data(), await probabilities.max(1).data()];
  for (const [row, label] of (await y.data()).entries())
    answers.push({ index: answers.length, label, found: at(found, row), confidence: at(confidence, row) });
}
const right = answers.filter(({ label, found }) => label === found);
say(`test accuracy ${percent(right.length / answers.length)}`);

const sheet = new Sheet(1000, 790);
const colours = { training: "#888", test: "#1668c7" };
const curve = (name: keyof typeof colours, values: number[]) => ({ name, values, colour: colours[name] });
sheet.curves(
  "Loss by epoch",
  [
    curve(
      "training",
      history.map(({ loss }) => loss),
    ),
    curve(
      "test",
      history.map(({ validation }) => validation?.loss ?? Number.NaN),
    ),
  ],
  { x: 60, y: 50, width: 400, height: 220 },
);
sheet.curves(
  "Accuracy by epoch",
  [
    curve(
      "training",
      history.map(({ metrics }) => metrics.accuracy),
    ),
    curve(
      "test",
      history.map(({ validation }) => validation?.accuracy ?? Number.NaN),
    ),
  ],
  { x: 540, y: 50, width: 400, height: 220 },
);

const shareOf = (label: number): number => {
  const of = answers.filter((answer) => answer.label === label);
  return of.filter(({ found }) => found === label).length / Math.max(of.length, 1);
};
const byClass = Object.fromEntries(test.classNames.map((name, label) => [name, shareOf(label)]));
sheet.shares("Accuracy by class", byClass, 40, 345, colours.test);

sheet.words("Sure, and wrong: what it is, and what it was taken for", 540, 345, { size: 16 });
const surest = answers
  .filter(({ label, found }) => label !== found)
  .toSorted((a, b) => b.confidence - a.confidence)
  .slice(0, 12);
for (const [place, { index, label, found, confidence }] of surest.entries()) {
  const [x, y] = [540 + 108 * (place % 4), 362 + 140 * Math.floor(place / 4)];
  sheet.picture({ pixels: test.pixels(index), shape: [3, 32, 32] }, { x, y, width: 96, height: 96 });
  sheet.words(at(test.classNames, label), x, y + 110, { size: 12 });
  const taken = `${at(test.classNames, found)} ${Math.round(100 * confidence)} %`;
  sheet.words(taken, x, y + 125, { size: 12, colour: "#c22" });
}
sheet.write(file("cifar10.svg"));
say(`Drawn: ${file("cifar10.svg")}`);
