// A convolutional network reads sentences about films, tells praise from blame, and shows the words that decided.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import { argMax, at, matmul, max, relu, setSeed, slice, tensor, useBackend } from "@stria/core";
import { type Dataset, classLabel, listDataset, loader, map, split, vocabularyOf, wordsOf } from "@stria/data";
import { crossEntropy, features } from "@stria/layers";
import { adam, withMaxNorm } from "@stria/optimizers";
import { accuracy, earlyStopping, evaluate, fit, predict, progressBar } from "@stria/training";
import { textCnn } from "@stria/zoo";
import { dataFolder } from "../src/data-folder.ts";
import { percent, say, setting } from "../src/setting.ts";
import { Sheet, between } from "../src/sheet.ts";

const { quick, epochs, seed, threads, file, keep } = setting({ epochs: 8 });
setSeed(seed);
await useBackend(cpu({ threads }));

interface Sentence {
  readonly words: readonly string[];
  /** 1 for praise. */
  readonly y: number;
}

const files = ["rt-polarity.neg", "rt-polarity.pos"];
const folder = dataFolder({
  folder: "text",
  files,
  what: "The movie reviews of Pang & Lee (2005)",
  address: "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz",
});
const sentences = files.flatMap((name, y): Sentence[] => {
  const lines = new TextDecoder("windows-1252").decode(readFileSync(join(folder, name))).split("\n");
  return lines
    .slice(0, quick ? 150 : lines.length)
    .filter(Boolean)
    .map((line) => ({ words: wordsOf(line), y }));
});

// One sentence in ten is held out, always the same ones; of the others, one in ten says when to stop.
const [known, heldOut] = split(listDataset(sentences, { y: classLabel(2) }), [0.9, 0.1], { seed: 1, stratify: true });
const [train, watched] = split(known, [0.9, 0.1], { seed: 2, stratify: true });
async function list(of: Dataset<Sentence>): Promise<Sentence[]> {
  const items = [];
  for (let index = 0; index < of.length; index++) items.push(await of.get(index));
  return items;
}

const vocabulary = vocabularyOf((await list(train)).map(({ words }) => words));
const length = 50;
const encoded = (of: Dataset<Sentence>) => map(of, ({ words, y }) => ({ x: vocabulary.encode(words, length), y }));

// Kim (2014) with random vectors, of 100 numbers instead of 300.
const model = textCnn("text_cnn_rand", { vocabulary: vocabulary.size, dimensions: 100, paddingIndex: 0 });
await fit(model, loader(encoded(train), { batchSize: 50, shuffle: true }), {
  loss: crossEntropy,
  optimizer: withMaxNorm(adam({ learningRate: 1e-3 }), 3, "fc.weight"),
  epochs,
  metrics: { accuracy },
  validation: loader(encoded(watched), { batchSize: 100 }),
  callbacks: [progressBar(), earlyStopping({ patience: 2, restoreBest: true })],
});
const result = await evaluate(model, loader(encoded(heldOut), { batchSize: 100 }), { accuracy });
keep(result);
say(
  `${known.length} sentences known, ${vocabulary.size} words; of ${heldOut.length} held out ${percent(result.accuracy)} are right`,
);

// A filter's largest response comes from one window of words: what it adds to the logit of praise is shared out among them.
const shown = (await list(heldOut))
  .filter(({ words }) => words.length >= 5 && words.length <= 18)
  .map((sentence) => ({ ...sentence, shares: sentence.words.map(() => 0) }));
const tokens = Int32Array.from(shown.flatMap(({ words }) => [...vocabulary.encode(words, length)]));
const x = tensor(tokens, { shape: [shown.length, length] });
const towardsPraise = matmul(tensor([[-1, 1]]), model.fc.weight.value);
const windows = await predict(features(model, ["convs.0", "convs.1", "convs.2"]), x);
for (const [group, responses] of Object.values(windows).entries()) {
  const [, filters = 0, places = 0] = responses.shape;
  const weights = slice(towardsPraise, [0, group * filters], [1, filters]);
  const gains = await relu(max(responses, 2)).mul(weights).data();
  const begins = await argMax(responses, 2).data();
  const window = length - places + 1;
  for (const [index, gain] of gains.entries()) {
    const { shares } = at(shown, Math.floor(index / filters));
    const begin = at(begins, index);
    for (let word = begin; word < Math.min(begin + window, shares.length); word++)
      shares[word] = at(shares, word) + gain / window;
  }
}

const told = shown
  .map((sentence) => ({ ...sentence, logit: sentence.shares.reduce((sum, share) => sum + share) }))
  .toSorted((a, b) => b.logit - a.logit);
const [praise, blame] = [told.filter(({ y }) => y === 1), told.filter(({ y }) => y === 0)];
const chosen = {
  "Praise that it is sure of": praise.slice(0, 7),
  "Blame that it is sure of": blame.slice(-7).toReversed(),
  "Blame that it takes for praise": blame.filter(({ logit }) => logit > 0).slice(0, 4),
  "Praise that it takes for blame": praise
    .filter(({ logit }) => logit < 0)
    .slice(-4)
    .toReversed(),
};
const sheet = new Sheet(1000, 790);
let bottom = 0;
for (const [title, some] of Object.entries(chosen)) {
  sheet.words(title, 20, (bottom += 40), { size: 18 });
  for (const { words, shares } of some) {
    const spans = words.map((text, index) => ({ text, colour: between(2 * at(shares, index)) }));
    sheet.sentence(spans, 40, (bottom += 28));
  }
}
sheet.write(file("text.svg"));
say(`Drawn: ${file("text.svg")}`);
