// What is known of spoken digits, film reviews, questions and time series.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { logMel, melFilters, mfcc, readTimeSeries, readWav, wordsOf } from "@stria/data";
import { textFolder } from "@stria/datasets";
import { type JsonObject, asList, asNumber, asNumbers, asObject, asText } from "../json.ts";
import { type Check, type Facts, entriesOf, hashOf, same } from "./facts.ts";

/** @throws where a value is further from the golden than the tolerance */
function close({ tensors }: Facts, name: string, found: ArrayLike<number>, rtol: number, atol: number): void {
  const wanted = [...(tensors.get(name)?.data ?? [])];
  same(`the length of ${name}`, found.length, wanted.length);
  const miss = wanted.findIndex(
    (value, at) => !(Math.abs((found[at] ?? Number.NaN) - value) <= atol + rtol * Math.abs(value)),
  );
  if (miss >= 0) throw new Error(`${name}[${miss}] is ${found[miss]} instead of ${wanted[miss]}`);
}

const clips: Check = (facts) => {
  const { golden, folder, bytes } = facts;
  const names = readdirSync(join(folder, "fsdd/recordings")).filter((name) => name.endsWith(".wav"));
  same("the clips", names.length, golden["files"]);
  const samplesOf = (name: string): Float32Array =>
    readWav(bytes(`fsdd/recordings/${name}`), name).channels[0] ?? new Float32Array();
  const lengths = names.map((name) => ({ name, length: samplesOf(name).length }));
  same(
    "all samples",
    lengths.reduce((sum, { length }) => sum + length, 0),
    golden["totalSamples"],
  );
  const [shortest, longest] = [
    lengths.toSorted((a, b) => a.length - b.length)[0],
    lengths.toSorted((a, b) => b.length - a.length)[0],
  ];
  same("the shortest", [shortest?.name, shortest?.length], golden["shortest"]);
  same("the longest", [longest?.name, longest?.length], golden["longest"]);
  same(
    "the test's takes",
    names.filter((name) => Number(name.replace(/^.*_(\d+)\.wav$/, "$1")) <= 4).length,
    golden["takes0to4"],
  );
  same(
    "the speakers",
    [...new Set(names.map((name) => name.split("_")[1] ?? ""))].toSorted((a, b) => (a < b ? -1 : 1)),
    golden["speakers"],
  );
  for (const bands of [16, 40]) close(facts, `filters${bands}`, melFilters(bands, 129, 8000), 1e-6, 1e-6);
  for (const [name, clip] of entriesOf(golden, "clips")) {
    const samples = samplesOf(basename(asText(clip["path"], "path")));
    const first = asNumbers(clip["first"], "first");
    same("the samples", samples.length, clip["samples"]);
    same(
      "the first samples",
      [...samples.subarray(0, first.length)].map((value) => value * 32768),
      first,
    );
    same(
      "the sum of the samples",
      samples.reduce((sum, value) => sum + value * 32768, 0),
      clip["sum"],
    );
    const [rtol, atol] = [asNumber(clip["rtol"], "rtol"), asNumber(clip["atol"], "atol")];
    const features = {
      logMel16: logMel(samples, { bands: 16 }),
      logMel40: logMel(samples, { bands: 40 }),
      mfcc: mfcc(samples),
    };
    for (const [key, { frames, values }] of Object.entries(features)) {
      same("the frames", frames, clip["frames"]);
      close(facts, `${name.replace(".wav", "")}/${key}`, values, rtol, atol);
    }
  }
};

/** What is said of the words of sentences. */
function sameWords(what: string, sentences: readonly (readonly string[])[], golden: JsonObject): void {
  const counts = new Map<string, number>();
  for (const words of sentences) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const lengths = sentences.map(({ length }) => length);
  const found: Record<string, unknown> = {
    sentences: sentences.length,
    tokens: lengths.reduce((a, b) => a + b, 0),
    vocabulary: counts.size,
    longest: Math.max(...lengths),
    shortest: Math.min(...lengths),
    once: [...counts.values()].filter((count) => count === 1).length,
    vocabularySha256: hashOf([...counts.keys()].toSorted().join("\n")),
  };
  for (const [key, value] of Object.entries(found)) same(`${what}: ${key}`, value, golden[key]);
  const common = asList(golden["mostCommon"], "mostCommon").map((entry) => asList(entry, "a word"));
  for (const [word, count] of common)
    same(`${what}: how often "${asText(word, "a word")}" comes`, counts.get(asText(word, "a word")), count);
}

function labelCounts(labels: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of labels.toSorted()) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

const text: Check = async ({ golden, folder, bytes }) => {
  const reviews = await textFolder(join(folder, "text"), {
    unit: "line",
    encoding: "windows-1252",
    classOf: (path) => /^rt-polarity\.(pos|neg)$/.exec(path)?.[1],
  });
  const all = Array.from({ length: reviews.length }, (_, index) => reviews.get(index));
  const sentencesOf = (label: number): string[][] =>
    all.filter((item) => item.label === label).map((item) => wordsOf(item.text));
  const [neg, pos] = [sentencesOf(reviews.classNames.indexOf("neg")), sentencesOf(reviews.classNames.indexOf("pos"))];
  for (const [name, sentences] of Object.entries({ pos, neg, both: [...pos, ...neg] })) {
    const about = asObject(golden[name], name);
    sameWords(name, sentences, about);
    if (name !== "both")
      for (const [index, words] of Object.entries(asObject(about["examples"], "examples")))
        same(`${name} ${index}`, sentences[Number(index)], words);
  }
  const linesOf = (name: string): string[] =>
    new TextDecoder("windows-1252")
      .decode(bytes(`text/${name}`))
      .trimEnd()
      .split(/\r?\n/);
  for (const name of ["TREC.train", "TREC.test"]) {
    const about = asObject(golden[name], name);
    const lines = linesOf(name).map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
    const sentences = lines.map(([, question = ""]) => wordsOf(question, { keepCase: true }));
    sameWords(name, sentences, about);
    const labels = lines.map(([label = ""]) => label);
    same(`${name}: labels`, labelCounts(labels.map((label) => label.split(":")[0] ?? "")), about["labels"]);
    same(`${name}: fine labels`, new Set(labels).size, about["fineLabels"]);
    for (const [index, example] of Object.entries(asObject(about["examples"], "examples")))
      same(`${name} ${index}`, [labels[Number(index)], sentences[Number(index)]], example);
    const numbered = asObject(golden[`${name}.all`], name);
    const found = linesOf(`${name}.all`).map((line) => line.split(" ")[0] ?? "");
    same(`${name}.all: lines`, found.length, numbered["lines"]);
    same(`${name}.all: labels`, labelCounts(found), numbered["labels"]);
  }
};

const timeseries: Check = ({ golden, bytes }) => {
  for (const [name, about] of Object.entries(golden)) {
    const wanted = asObject(about, name);
    const { series, labels, classes } = readTimeSeries(
      new TextDecoder().decode(bytes(asText(wanted["path"], "path"))),
      name,
    );
    const length = asNumber(wanted["length"], "length");
    same(`${name}: series`, series.length, wanted["series"]);
    same(
      `${name}: lengths`,
      series.every(([values, ...others]) => values?.length === length && others.length === 0),
      true,
    );
    const counts = classes.map((label, index) => [label, labels.filter((found) => found === index).length]);
    same(`${name}: labels`, Object.fromEntries(counts), wanted["labels"]);
    const first = asObject(wanted["first"], "first");
    const values = asNumbers(first["values"], "values");
    same(`${name}: the first label`, classes[labels[0] ?? -1], first["label"]);
    same(`${name}: the first values`, [...(series[0]?.[0] ?? [])].slice(0, values.length), values.map(Math.fround));
  }
};

/** By the names of the golden file. */
export const soundTextChecks: Readonly<Record<string, Check>> = { fsdd: clips, text, timeseries };
