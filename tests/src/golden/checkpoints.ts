// Published checkpoints: what is in the files, and what two ResNets for CIFAR-10 make of test images.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cifar10Images, loader } from "@stria/data";
import { loadStateDict } from "@stria/layers";
import { predict } from "@stria/training";
import { readPyTorch, weightsOf } from "@stria/weights";
import { cifarResNet } from "@stria/zoo";
import { type JsonObject, asList, asNumber, asNumbers, asText } from "./json.ts";
import { Judge, largestOf, total } from "./judge.ts";
import { type Outcome, Unsupported, outcomeOf } from "./outcome.ts";

/** The bytes of a file in the folder of data sets. @throws Unsupported where it is not there. */
function bytesOf(data: string | undefined, path: string): Uint8Array {
  const file = join(data ?? "", path);
  if (data === undefined || !existsSync(file)) throw new Unsupported(`${path}, which is not in the folder of data`);
  return new Uint8Array(readFileSync(file));
}

/** The golden's names of types, by safetensors' names. */
const types: ReadonlyMap<string, string> = new Map([
  ["F32", "float32"],
  ["I64", "int64"],
]);

/** A sum in float64 of numbers that were rounded to float32 on the way, and figures of nine digits. */
const sumError = 1e-6;
const digits = 1e-8;

/** Every entry of a checkpoint: its key, shape, type, sum, first and last number. */
export function runContentsCase(path: string, golden: JsonObject, data: string | undefined): Promise<Outcome> {
  return outcomeOf(() => {
    const judge = new Judge();
    const file = readPyTorch(bytesOf(data, join("weights", path)), path);
    const found = weightsOf(file);
    const stored = [...file.tensors.values()];
    const entries = asList(golden["entries"], "entries").map((entry) => asList(entry, "an entry"));
    judge.same(
      "the keys",
      [...found.keys()],
      entries.map(([key]) => key),
    );
    if (judge.misses.length > 0) return judge.outcome();
    for (const [index, [key, shape, dtype, sum, first, last]] of entries.entries()) {
      const name = asText(key, "key");
      const values = found.get(name)?.data ?? [];
      judge.same(`shape of ${name}`, found.get(name)?.shape, asNumbers(shape, "shape"));
      judge.same(`type of ${name}`, types.get(stored[index]?.storedAs ?? ""), dtype);
      judge.check(
        `sum of ${name}`,
        total(values, (value) => value),
        asNumber(sum, "sum"),
        sumError * Math.max(1, total(values, Math.abs)),
      );
      for (const [what, value, figure] of [
        ["first", values[0], first],
        ["last", values[values.length - 1], last],
      ] as const) {
        const expected = asNumber(figure, what);
        judge.check(`${what} number of ${name}`, Number(value), expected, digits * Math.abs(expected));
      }
    }
    return judge.outcome();
  });
}

const imageBytes = 3073;
const batchSize = 250;

/** A ResNet of which the file's name tells the depth: its logits of 16 images, and which of a thousand it gets wrong. */
export function runPublishedResNet(name: string, golden: JsonObject, data: string | undefined): Promise<Outcome> {
  return outcomeOf(async () => {
    const judge = new Judge();
    const path = `weights/resnet-cifar10/${name}.th`;
    const file = readPyTorch(bytesOf(data, path), path);
    const model = cifarResNet(Number(/^resnet(\d+)-/.exec(name)?.[1]));
    const weights = weightsOf(file, { stripPrefix: "module." });
    const { missing, unexpected } = loadStateDict(model, weights, { strict: false });
    judge.same("unexpected keys", unexpected, []);
    // The files are older than that counter.
    judge.same(
      "missing keys",
      missing.filter((key) => !key.endsWith("num_batches_tracked")),
      [],
    );
    const best: unknown = file.value instanceof Map ? file.value.get("best_prec1") : undefined;
    judge.same("best_prec1", best, golden["best_prec1"]);

    const count = asNumber(golden["images"], "images");
    const pixels = bytesOf(data, "cifar10/test_batch_first1000.bin").subarray(0, count * imageBytes);
    const [logits, wrong]: [number[], number[]] = [[], []];
    for (const { x, y } of loader(cifar10Images([pixels]), { batchSize })) {
      const [found, labels] = [await (await predict(model, x)).data(), await y.data()];
      const classes = found.length / labels.length;
      for (let image = 0; image < labels.length; image++) {
        const row = found.slice(image * classes, (image + 1) * classes);
        if (row.indexOf(Math.max(...row)) !== labels[image]) wrong.push(logits.length / classes);
        logits.push(...row);
      }
    }
    judge.same("images that are told wrongly", wrong, golden["wrong"]);
    judge.check("images that are told rightly", count - wrong.length, asNumber(golden["correct"], "correct"), 0);
    const expected = asList(golden["logits_of_the_first_16"], "logits").flatMap((row) => asNumbers(row, "logits"));
    const allowed = asNumber(golden["tolerance"], "tolerance") * largestOf(expected);
    for (const [index, value] of expected.entries())
      judge.check(`logit ${index}`, logits[index] ?? Number.NaN, value, allowed);
    return judge.outcome();
  });
}
