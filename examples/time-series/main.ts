// A 1-D CNN tells from the way of a hand whether a gun is drawn or a finger points, and shows the moments that told it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, tensor, useBackend } from "@stria/core";
import { arrayDataset, loader, readTimeSeries } from "@stria/data";
import { batchNorm1d, conv1d, crossEntropy, features, globalAvgPool, relu, sequential } from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { accuracy, evaluate, fit, predict, progressBar } from "@stria/training";
import { dataFolder } from "../src/data-folder.ts";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet, between } from "../src/sheet.ts";

const { epochs, seed, threads, file, keep } = setting({ epochs: 150 });
setSeed(seed);
await useBackend(cpu({ threads }));

const folder = dataFolder({
  folder: "timeseries/GunPoint",
  files: ["GunPoint_TRAIN.ts", "GunPoint_TEST.ts"],
  what: "The series of GunPoint",
  address: "https://www.timeseriesclassification.com/description.php?Dataset=GunPoint",
});
const moments = 150;
const classes = ["gun drawn", "finger points"];

/** The series of a file, one after the other, and their labels. */
function read(name: string): { values: Float32Array; labels: readonly number[] } {
  const { series, labels } = readTimeSeries(readFileSync(join(folder, name), "utf8"), name);
  return { values: Float32Array.from(series.flatMap(([only = []]) => [...only])), labels };
}

const [train, test] = [read("GunPoint_TRAIN.ts"), read("GunPoint_TEST.ts")];
const shape = { shape: [1, moments], numClasses: classes.length };
const batches = loader(arrayDataset(train.values, train.labels, shape), { batchSize: 10, shuffle: true });
const others = loader(arrayDataset(test.values, test.labels, shape), { batchSize: 50 });

// The fully convolutional network of Wang, Yan & Oates (2017), a quarter as wide. Its last convolution has every moment vote on the classes; the mean of the votes decides.
const model = sequential(
  [
    conv1d(32, 7, { padding: "same" }),
    batchNorm1d(),
    relu(),
    conv1d(64, 5, { padding: "same" }),
    batchNorm1d(),
    relu(),
    conv1d(32, 3, { padding: "same" }),
    batchNorm1d(),
    relu(),
    conv1d(classes.length, 1),
    globalAvgPool(),
  ],
  { inputShape: [1, moments] },
);
await fit(model, batches, {
  loss: crossEntropy,
  optimizer: adam({ learningRate: cosine(2e-3, { steps: epochs * batches.length }) }),
  epochs,
  callbacks: [progressBar()],
});
const result = await evaluate(model, others, { accuracy });
keep(result);
say(
  `${train.labels.length} series for training; of ${test.labels.length} others ${percent(result.accuracy)} are right`,
);

// How much more each moment votes for the finger than for the gun; the mean of these differences is the logit of the finger.
const count = test.labels.length;
const { 9: votes } = await predict(features(model, ["9"]), tensor(test.values, { shape: [count, 1, moments] }));
const ballots = await votes.data();
const shown = test.labels.map((label, index) => {
  const own = ballots.subarray(2 * index * moments, 2 * (index + 1) * moments);
  const differences = Array.from({ length: moments }, (_, moment) => at(own, moments + moment) - at(own, moment));
  const logit = differences.reduce((sum, difference) => sum + difference) / moments;
  return {
    label,
    differences,
    certainty: 1 / (1 + Math.exp(label === 1 ? -logit : logit)),
    values: test.values.subarray(index * moments, (index + 1) * moments),
  };
});

const sheet = new Sheet(1000, 740);
sheet.words("Where a hand is, over time: red moments speak for a finger that points, blue ones for a gun.", 20, 28, {
  size: 16,
});
sheet.words("Of each kind, the four that the net was least sure of, and the four that it was surest of", 20, 48);
for (const [label, name] of classes.entries()) {
  const own = shown.filter((one) => one.label === label).toSorted((a, b) => a.certainty - b.certainty);
  const chosen = [...own.slice(0, 4), ...own.slice(-4)];
  for (const [place, { values, differences, certainty }] of chosen.entries()) {
    const [left, bottom] = [20 + 245 * (place % 4), 200 + 165 * (2 * label + Math.floor(place / 4))];
    const point = (moment: number) => [left + 1.5 * moment, bottom - 30 * (at(values, moment) + 2)] as const;
    for (let moment = 1; moment < moments; moment++)
      sheet.line([point(moment - 1), point(moment)], between(at(differences, moment) / 10), 3);
    sheet.words(`${name}: ${percent(certainty)} sure`, left, bottom + 24, {
      size: 12,
      colour: certainty < 0.5 ? "#c00" : "#777",
    });
  }
}
sheet.write(file("time-series.svg"));
say(`Drawn: ${file("time-series.svg")}`);
