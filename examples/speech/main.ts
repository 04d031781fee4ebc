// A time-delay network hears spoken digits: convolutions over time read the energies of sounds, and each moment votes on what was said.
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, softmax, streamKey, tensor, useBackend } from "@stria/core";
import { listDataset, loader } from "@stria/data";
import {
  type Sequential,
  batchNorm1d,
  conv1d,
  crossEntropy,
  dropout,
  features,
  globalAvgPool,
  relu,
  sequential,
} from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { type Batches, accuracy, confusionMatrix, evaluate, fit, predict, progressBar } from "@stria/training";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet, heat } from "../src/sheet.ts";
import { type Spoken, bands, energies, fields, frames, names, noisy, openSpokenDigits } from "../src/spoken-digits.ts";

const { epochs, seed, threads, file, keep } = setting({ epochs: 40 });
await useBackend(cpu({ threads }));
const { train, test } = openSpokenDigits();

const plain = (of: readonly Spoken[]) =>
  listDataset(
    of.map(({ sound, y }) => ({ x: energies(sound), y })),
    fields,
  );
const inNoise = test.map(({ sound, y }, index) => ({ sound: noisy(sound, 10, streamKey(1, index)), y }));

const order = { batchSize: 20, shuffle: true };
const asRecorded = loader(plain(train), order);
const augmented = loader(listDataset(train), {
  ...order,
  fields,
  // Every second recording in noise, and all begin anywhere in the first 0.4 s.
  transform: ({ sound, y }, { random }) => {
    const start = random.integer(41);
    const heard = random.chance(0.5) ? noisy(sound, random.uniform(5, 30), random.split("noise").key) : sound;
    return { x: energies(heard, start), y };
  },
});

/** A network trained on the batches. Its units see 5, 9 and 17 frames; then each frame votes, and the mean of the votes decides. */
async function trained(batches: Batches & { readonly length: number }): Promise<Sequential> {
  setSeed(seed);
  const model = sequential(
    [
      conv1d(64, 5, { padding: "same" }),
      batchNorm1d(),
      relu(),
      conv1d(64, 3, { padding: "same", dilation: 2 }),
      batchNorm1d(),
      relu(),
      conv1d(64, 3, { padding: "same", dilation: 4 }),
      batchNorm1d(),
      relu(),
      dropout(0.3),
      conv1d(names.length, 1),
      globalAvgPool(),
    ],
    { inputShape: [bands, frames] },
  );
  const optimizer = adam({ learningRate: cosine(2e-3, { steps: epochs * batches.length }) });
  await fit(model, batches, { loss: crossEntropy, optimizer, epochs, callbacks: [progressBar()] });
  return model;
}

const sheet = new Sheet(1120, 800);
const learned = { "as recorded": await trained(asRecorded), "with shifts and noise": await trained(augmented) };
const figures: Record<string, number> = {};
say(`${train.length} recordings for training; of ${test.length} others are right`);
for (const [place, [name, model]] of Object.entries(learned).entries()) {
  const quiet = await evaluate(model, loader(plain(test), { batchSize: 50 }), { accuracy });
  const loud = await evaluate(model, loader(plain(inNoise), { batchSize: 50 }), {
    accuracy,
    confusion: confusionMatrix(),
  });
  Object.assign(figures, { [name]: quiet.accuracy, [`${name}, in noise`]: loud.accuracy });
  say(`  learned ${name}: ${percent(quiet.accuracy)}, in noise ${percent(loud.accuracy)}`);
  const left = 60 + 540 * place;
  sheet.words(`In noise, learned ${name}: ${percent(loud.accuracy)}`, left, 465, { size: 16 });
  sheet.confusion(loud.confusion, names, { x: left, y: 480, width: 480, height: 280 });
}
keep(figures);

sheet.words("A second of log-mel energies, and below what each moment votes for, from zero to nine", 20, 28, {
  size: 16,
});
const votesOf = features(learned["with shifts and noise"], ["10"]);
for (const [digit, name] of names.entries()) {
  const own = test.filter(({ y }) => y === digit);
  const x = energies(at(own, (7 * digit) % own.length).sound);
  const { 10: votes } = await predict(votesOf, tensor(x, { shape: [1, bands, frames] }));
  const box = { x: 20 + 220 * (digit % 5), y: 45 + 195 * Math.floor(digit / 5), width: 200 };
  const upright = x.map((_, place) => at(x, (bands - 1 - Math.floor(place / frames)) * frames + (place % frames)));
  const bright = upright.map((energy) => (energy === 0 ? 0 : 0.5 + energy / 2));
  sheet.picture(heat(bright, bands, frames), { ...box, height: 90 });
  sheet.picture(heat(await softmax(votes, 1).data(), names.length, frames), { ...box, y: box.y + 94, height: 60 });
  sheet.words(`"${name}"`, box.x, box.y + 172);
}
sheet.write(file("speech.svg"));
say(`Drawn: ${file("speech.svg")}`);
