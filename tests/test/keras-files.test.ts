// Keras' own files give the weights that Keras saved and the outputs that it computes; hostile ones do no harm.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FormatError, type HostTensor, type Tensor, evaluating, fromHost, transpose } from "@stria/core";
import { decodeSafetensors, parseSafetensors } from "@stria/core/safetensors";
import { cifar10Images, loader } from "@stria/data";
import { stateDict } from "@stria/layers";
import { predict } from "@stria/training";
import { type KerasFile, type KerasModel, kerasModel, kerasWeights, readKeras } from "@stria/weights/keras";
import { openTfjs } from "@stria/weights/tfjs";
import { describe, expect, test } from "vitest";
import { asList, asNumber, asNumbers, asObject, asText, type JsonObject, parseJson } from "../src/golden/json.ts";
import { dataFolder, largeGoldens, ownGoldens } from "../src/setting.ts";
import { onBackend } from "./on-backend.ts";

const own = join(ownGoldens, "keras");
const goldens = largeGoldens();
const formats = join(goldens ?? "", "formats");

function bytesOf(...path: string[]): Uint8Array {
  return new Uint8Array(readFileSync(join(...path)));
}

function read(...path: string[]): KerasFile {
  return readKeras(bytesOf(...path), path.at(-1));
}

interface Case {
  readonly file: string;
  readonly about: JsonObject;
}

function casesOf(list: string): Case[] {
  if (goldens === undefined) return [];
  const json = parseJson(readFileSync(join(formats, list), "utf8"), list);
  return asList(asObject(json, list)["files"], list)
    .map((entry) => asObject(entry, list))
    .filter((about) => asText(about["kind"], list).startsWith("keras"))
    .map((about) => ({ file: asText(about["file"], list), about }));
}

/** The tensors of a run by their kind, "input" or "output", in order. */
function ofRun(path: string, kind: string): HostTensor[] {
  const { tensors } = decodeSafetensors(new Uint8Array(readFileSync(path)), path);
  return [...tensors]
    .filter(([name]) => name.startsWith(kind))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, tensor]) => tensor);
}

/** Sums in another order differ by float32's rounding. */
const tolerance = 1e-5;

/** How far the model's outputs are from Keras', relative to the largest, at least 1. */
async function distance(model: KerasModel, run: string, channelsFirst = false): Promise<number> {
  const moved = (x: Tensor): Tensor =>
    channelsFirst && x.rank > 2 ? transpose(x, [0, x.rank - 1, ...x.shape.slice(2).map((_, axis) => axis + 1)]) : x;
  const back = (x: Tensor): Tensor =>
    channelsFirst && x.rank > 2 ? transpose(x, [0, ...x.shape.slice(2).map((_, axis) => axis + 2), 1]) : x;
  const inputs = ofRun(run, "input").map(({ data, shape, dtype }) => moved(fromHost(data, shape, dtype)));
  const outputs = evaluating(() => model.outputs(...inputs)).map(back);
  const expected = ofRun(run, "output");
  expect(outputs.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => shape));
  let worst = 0;
  for (const [index, output] of outputs.entries()) {
    const [found, wanted] = [await output.data(), expected[index]?.data ?? new Float32Array(0)];
    const scale = [...wanted].reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    for (const [at, value] of found.entries())
      worst = Math.max(worst, Math.abs(value - (wanted[at] ?? Number.NaN)) / scale);
  }
  return worst;
}

await onBackend("cpu", () => {
  const models = readdirSync(own).filter((file) => /\.(keras|h5)$/u.test(file));

  test.each(models)("%s gives Keras' outputs, channels last and first", async (file) => {
    const run = join(own, file.replace(/\.(keras|h5)$/u, ".run.safetensors"));
    const saved = read(own, file);
    expect(await distance(kerasModel(saved), run)).toBeLessThan(tolerance);
    // Those of the data format channels_first are so already.
    const ownFirst = file.endsWith("cf.keras");
    expect(await distance(kerasModel(saved, { layout: "channelsFirst" }), run, !ownFirst)).toBeLessThan(tolerance);
  });

  test.each(models)("the state dict of %s is what kerasWeights gives", async (file) => {
    const saved = read(own, file);
    const weights = kerasWeights(saved);
    const found = [...stateDict(kerasModel(saved))];
    expect(found.map(([path]) => path).toSorted()).toEqual(
      [...weights.keys()].map((key) => `layers.${key}`).toSorted(),
    );
    for (const [path, tensor] of found)
      expect([...(await tensor.data())]).toEqual([...(weights.get(path.slice("layers.".length))?.data ?? [])]);
  });

  const good = casesOf("formats.json");

  describe.skipIf(goldens === undefined)("golden/formats, left out where ../shared/golden is missing", () => {
    test("all Keras files are there", () => {
      expect([good.length, casesOf("hostile.json").length]).toEqual([4, 15]);
    });

    test.each(good)("reads $file", ({ file, about }) => {
      const expected = parseSafetensors(bytesOf(formats, asText(about["expected"], file))).tensors;
      const plain = (tensors: typeof expected): unknown[] =>
        [...tensors]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, [...one.shape], one.storedAs, [...one.bytes]]);
      expect(plain(read(formats, file).tensors)).toEqual(plain(expected));
    });

    test.each(good.filter(({ about }) => about["kind"] !== "keras-weights-h5"))(
      "runs $file",
      async ({ file, about }) => {
        const run = join(formats, asText(about["run"], file));
        expect(await distance(kerasModel(read(formats, file)), run)).toBeLessThan(tolerance);
      },
    );

    test("runs the same model as TensorFlow.js has it", async () => {
      const model = kerasModel(await openTfjs(join(formats, "keras-cnn-tfjs.json")));
      expect(await distance(model, join(formats, "keras-cnn.run.safetensors"))).toBeLessThan(tolerance);
    });

    test("weights alone make no model", () => {
      const { file = "" } = good.find(({ about }) => about["kind"] === "keras-weights-h5") ?? {};
      expect(() => kerasModel(read(formats, file))).toThrow(/no config in it, only weights/u);
    });

    test.each(casesOf("hostile.json"))("$about.expect $file: $about.why", ({ file, about }) => {
      const before = process.memoryUsage();
      let refusal: unknown;
      try {
        kerasModel(read(formats, file));
      } catch (error) {
        refusal = error;
      }
      const after = process.memoryUsage();
      expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 * 2 ** 20);
      expect(refusal instanceof FormatError || (refusal === undefined && about["expect"] === "survive")).toBe(true);
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    });
  });

  const published = join(goldens ?? "", "models/onnx-published.json");
  const weights = join(dataFolder() ?? "", "weights/mlperf-tiny/pretrainedResnet.h5");
  const images = join(dataFolder() ?? "", "cifar10/test_batch_first1000.bin");
  const absent = ![published, weights, images].every((path) => existsSync(path));

  test.skipIf(absent)("MLPerf Tiny's ResNet-8, a file of Keras 2, left out where ../shared is missing", async () => {
    const json = asObject(parseJson(readFileSync(published, "utf8"), published), published);
    const about = Object.values(json)
      .flatMap((entry) => (typeof entry === "object" && entry !== null ? [asObject(entry, published)] : []))
      .find((entry) => entry["correct_of_300"] !== undefined);
    if (!about) throw new Error(`${published} does not tell of the Keras model`);
    const model = kerasModel(read(weights), { layout: "channelsFirst" });
    // Pixels 0 to 255 as they are.
    const dataset = cifar10Images([bytesOf(images).subarray(0, 300 * 3073)], {
      normalise: { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
    });
    const expected = asList(about["probabilities_of_the_first_8"], published).flatMap((row) =>
      asNumbers(row, published),
    );
    const probabilities: number[] = [];
    let correct = 0;
    for (const { x, y } of loader(dataset, { batchSize: 100 })) {
      const [found, labels] = [[...(await (await predict(model, x)).data())].map(Number), [...(await y.data())]];
      probabilities.push(...found);
      for (const [index, label] of labels.entries()) {
        const row = found.slice(10 * index, 10 * index + 10);
        if (row.indexOf(Math.max(...row)) === label) correct += 1;
      }
    }
    const worst = Math.max(...expected.map((value, index) => Math.abs(value - (probabilities[index] ?? Number.NaN))));
    expect(worst).toBeLessThan(asNumber(json["tolerance"], published));
    expect(correct).toBe(asNumber(about["correct_of_300"], published));
  });
});
