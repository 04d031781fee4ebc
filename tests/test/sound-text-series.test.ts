// Readers and features of sound, text and time series against facts about real files that other programs found.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@stria/core/safetensors";
import { type Features, logMel, melFilters, mfcc, readTimeSeries, readWav, wordsOf } from "@stria/data";
import { describe, expect, it } from "vitest";
import { type JsonObject, asList, asNumber, asNumbers, asObject, asText, parseJson } from "../src/golden/json.ts";
import { dataFolder, largeGoldens } from "../src/setting.ts";

const [data, goldens] = [dataFolder(), largeGoldens()];
const here = data !== undefined && goldens !== undefined && existsSync(join(data, "fsdd"));
const reason = here ? "" : ", left out: the data sets are not here";

const bytesOf = (path: string) => readFileSync(join(data ?? "", path));

function factsOf(part: string): JsonObject {
  const path = join(goldens ?? "", "data-checks.json");
  return asObject(asObject(parseJson(readFileSync(path, "utf8"), path), path)[part], part);
}

const entriesOf = (facts: JsonObject, key: string) => Object.entries(asObject(facts[key], key));

describe.skipIf(!here)(`spoken digits${reason}`, () => {
  const folder = "fsdd/recordings";

  it("are as many samples as counted", () => {
    const facts = factsOf("fsdd");
    const names = readdirSync(join(data ?? "", folder)).filter((name) => name.endsWith(".wav"));
    expect(names).toHaveLength(asNumber(facts["files"], "files"));
    const total = names.reduce(
      (all, name) => all + (readWav(bytesOf(`${folder}/${name}`), name).channels[0]?.length ?? 0),
      0,
    );
    expect(total).toBe(asNumber(facts["totalSamples"], "totalSamples"));
  });

  it("have the samples and features that were computed in float64", () => {
    const path = join(goldens ?? "", "data-checks.safetensors");
    const { tensors } = decodeSafetensors(readFileSync(path), path);
    const golden = (key: string) => [...(tensors.get(key)?.data ?? [])];
    const close = (
      name: string,
      found: ArrayLike<number>,
      { rtol, atol }: { readonly rtol: number; readonly atol: number },
    ) => {
      const wanted = golden(name);
      expect(found.length).toBe(wanted.length);
      const misses = wanted.filter(
        (value, index) => !(Math.abs((found[index] ?? Number.NaN) - value) <= atol + rtol * Math.abs(value)),
      );
      expect({ name, misses }).toEqual({ name, misses: [] });
    };
    for (const bands of [16, 40]) close(`filters${bands}`, melFilters(bands, 129, 8000), { rtol: 1e-6, atol: 1e-6 });
    for (const [file, facts] of entriesOf(factsOf("fsdd"), "clips")) {
      const clip = asObject(facts, file);
      const samples = readWav(bytesOf(asText(clip["path"], "path")), file).channels[0] ?? new Float32Array();
      const first = asNumbers(clip["first"], "first");
      expect(samples).toHaveLength(asNumber(clip["samples"], "samples"));
      expect([...samples.subarray(0, first.length)].map((value) => value * 32768)).toEqual(first);
      expect(samples.reduce((sum, value) => sum + value * 32768, 0)).toBe(asNumber(clip["sum"], "sum"));
      const tolerance = { rtol: asNumber(clip["rtol"], "rtol"), atol: asNumber(clip["atol"], "atol") };
      const frames = asNumber(clip["frames"], "frames");
      const compare = (key: string, found: Features) => {
        expect(found.frames).toBe(frames);
        close(`${file.replace(".wav", "")}/${key}`, found.values, tolerance);
      };
      for (const bands of [16, 40]) compare(`logMel${bands}`, logMel(samples, { bands }));
      compare("mfcc", mfcc(samples));
    }
  });
});

/** Counts of a list of sentences, as the facts have them. */
function countsOf(sentences: readonly (readonly string[])[]) {
  const counts = new Map<string, number>();
  for (const words of sentences) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const lengths = sentences.map(({ length }) => length);
  return {
    sentences: sentences.length,
    tokens: lengths.reduce((a, b) => a + b),
    vocabulary: counts.size,
    longest: Math.max(...lengths),
    shortest: Math.min(...lengths),
    once: [...counts.values()].filter((count) => count === 1).length,
    vocabularySha256: createHash("sha256")
      .update([...counts.keys()].toSorted().join("\n"))
      .digest("hex"),
  };
}

describe.skipIf(!here)(`words${reason}`, () => {
  const facts = here ? factsOf("text") : {};
  const linesOf = (name: string) => {
    const lines = new TextDecoder("windows-1252").decode(bytesOf(`text/${name}`)).split("\n");
    return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  };

  it.each(["pos", "neg"])("of the film reviews, %s", (kind) => {
    const wanted = asObject(facts[kind], kind);
    const sentences = linesOf(`rt-polarity.${kind}`).map((line) => wordsOf(line));
    expect(wanted).toMatchObject(countsOf(sentences));
    for (const [index, words] of entriesOf(wanted, "examples")) expect(sentences[Number(index)]).toEqual(words);
  });

  it.each(["TREC.train", "TREC.test"])("of the questions, %s", (name) => {
    const wanted = asObject(facts[name], name);
    const sentences = linesOf(name).map((line) => wordsOf(line.slice(line.indexOf(" ") + 1), { keepCase: true }));
    expect(wanted).toMatchObject(countsOf(sentences));
    for (const [index, example] of entriesOf(wanted, "examples"))
      expect(sentences[Number(index)]).toEqual(asList(example, index)[1]);
  });
});

describe.skipIf(!here)(`time series${reason}`, () => {
  it.each(here ? Object.keys(factsOf("timeseries")) : [])("%s", (name) => {
    const wanted = asObject(factsOf("timeseries")[name], name);
    const text = bytesOf(asText(wanted["path"], "path")).toString("utf8");
    const { series, labels, classes } = readTimeSeries(text, name);
    const length = asNumber(wanted["length"], "length");
    expect(series).toHaveLength(asNumber(wanted["series"], "series"));
    expect(series.every(([values, ...others]) => values?.length === length && others.length === 0)).toBe(true);
    const counts = classes.map((label, index) => [label, labels.filter((found) => found === index).length]);
    expect(Object.fromEntries(counts)).toEqual(wanted["labels"]);
    const first = asObject(wanted["first"], "first");
    const values = asNumbers(first["values"], "values");
    expect(classes[labels[0] ?? -1]).toBe(first["label"]);
    expect([...(series[0]?.[0] ?? [])].slice(0, values.length)).toEqual(values.map(Math.fround));
  });
});
