// The metrics against scikit-learn's figures (test/golden/metrics.json), whole and in batches of which the last is padded.
import { readFileSync } from "node:fs";
import { type HostTensor, type Tensor, allocate, at, fromHost, tensor, useBackend } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { reference } from "@stria/core/reference";
import { beforeAll, expect, it } from "vitest";
import {
  type Metric,
  type RocCurve,
  accuracyOf,
  auc,
  averagePrecision,
  confusionMatrix,
  f1,
  meanAbsoluteError,
  meanIou,
  meanSquaredError,
  precision,
  rSquared,
  recall,
  rocCurve,
  startSums,
  streaming,
  topKAccuracy,
} from "../src/index.ts";

interface Case {
  readonly id: string;
  readonly inputs: readonly (string | { readonly tensor: string })[];
  readonly outputs: readonly string[];
  readonly rtol: number;
  readonly atol: number;
}

const folder = new URL("golden/", import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL("metrics.json", folder), "utf8")) as { readonly cases: Case[] };
const { tensors } = decodeSafetensors(readFileSync(new URL("metrics.safetensors", folder)), "metrics");

const perClass = { average: "perClass" } as const;
const all = [precision, recall, f1] as const;
const averages = (average: "macro" | "micro" | "weighted"): Metric<unknown>[] => all.map((make) => make({ average }));
const binary = { threshold: 0.505 };
const classes = { classes: 4 };
const withoutFirst = { classes: 4, ignore: 0 };

/** Each output of a case: a metric, or several whose figures are its numbers. */
const metrics: Readonly<Record<string, Metric<unknown> | Metric<unknown>[]>> = {
  "top-1/accuracy": topKAccuracy(1),
  "top-3/accuracy": topKAccuracy(3),
  "top-5/accuracy": topKAccuracy(5),
  "confusion/matrix": confusionMatrix(),
  "confusion/precision": precision(perClass),
  "confusion/recall": recall(perClass),
  "confusion/f1": f1(perClass),
  "confusion/macro": averages("macro"),
  "confusion/micro": averages("micro"),
  "confusion/weighted": averages("weighted"),
  "macro-auc/perClass": auc(perClass),
  "macro-auc/auc": auc(),
  "roc-auc/auc": auc(),
  "roc-auc/thresholds": taken((curve) => curve.thresholds),
  "roc-auc/truePositiveRate": taken((curve) => curve.truePositiveRate),
  "roc-auc/falsePositiveRate": taken((curve) => curve.falsePositiveRate),
  "average-precision/averagePrecision": averagePrecision(),
  "binary/matrix": confusionMatrix(binary),
  "binary/matthews": ownMatthews(),
  "binary/f1": f1({ ...binary, average: "positive" }),
  "regression/mse": meanSquaredError,
  "regression/mae": meanAbsoluteError,
  "regression/r2": rSquared,
  "segmentation/matrix": confusionMatrix(classes),
  "segmentation/iou": meanIou({ ...classes, ...perClass }),
  "segmentation/meanIou": meanIou(classes),
  "segmentation/dice": f1({ ...classes, ...perClass }),
  "segmentation/meanDice": f1(classes),
  "segmentation/pixelAccuracy": accuracyOf(classes),
  "segmentation/meanAccuracy": recall(classes),
  "segmentation/frequencyWeightedIou": meanIou({ ...classes, average: "weighted" }),
  "segmentation-ignore/iou": meanIou({ ...withoutFirst, ...perClass }),
  "segmentation-ignore/meanIou": meanIou(withoutFirst),
  "segmentation-ignore/pixelAccuracy": accuracyOf(withoutFirst),
};

/** Outputs that are no metric of ours: they follow from others. */
const leftOut = ["average-precision/precision", "average-precision/recall"];

/** Matthews' correlation as a metric of the user's own: what it measures is another metric's. */
function ownMatthews(): Metric {
  return {
    measure: confusionMatrix(binary).measure,
    start: (saved) =>
      startSums(
        ([a = 0, b = 0, c = 0, d = 0]) => (a * d - b * c) / Math.sqrt((a + b) * (c + d) * (a + c) * (b + d)),
        saved,
      ),
  };
}

function taken(pick: (curve: RocCurve) => unknown): Metric<unknown> {
  const { measure, start } = rocCurve();
  return {
    measure,
    start(saved) {
      const rows = start(saved);
      return { add: (found) => rows.add(found), save: () => rows.save(), result: () => pick(rows.result()) };
    },
  };
}

function stored(key: string): HostTensor {
  const found = tensors.get(key);
  if (!found) throw new Error(`no tensor ${key}`);
  return found;
}

/** Rows `from` to `to` of a tensor, and after them as many copies of its first row as `rows` asks for. */
function part({ data, shape, dtype }: HostTensor, from: number, to: number, rows: number): Tensor {
  const size = data.length / at(shape, 0);
  const given = data.slice(from * size, to * size);
  const whole = allocate(dtype, rows * size);
  whole.set(given);
  for (let row = to - from; row < rows; row++) whole.set(data.slice(0, size), row * size);
  return fromHost(whole, [rows, ...shape.slice(1)], dtype);
}

async function figure(metric: Metric<unknown>, inputs: readonly HostTensor[], rows: number): Promise<unknown> {
  const stream = streaming(metric);
  const [outputs, labels] = [inputs[0], inputs[1]];
  if (!outputs || !labels) throw new Error("two inputs are needed");
  const count = at(outputs.shape, 0);
  for (let from = 0; from < count; from += rows) {
    const to = Math.min(count, from + rows);
    const mask = tensor(Float32Array.from({ length: rows }, (_, row) => (row < to - from ? 1 : 0)));
    stream.update(part(outputs, from, to, rows), part(labels, from, to, rows), mask);
  }
  return stream.result();
}

beforeAll(async () => {
  await useBackend(reference());
});

const outputs = cases.flatMap((one) => one.outputs.map((output) => ({ ...one, key: `${one.id}/${output}`, output })));

it("has a metric for every golden output", () => {
  expect(outputs.map(({ key }) => key).toSorted()).toEqual([...Object.keys(metrics), ...leftOut].toSorted());
});

it.each(outputs.filter(({ key }) => key in metrics))("$key", async ({ id, key, output, inputs, rtol, atol }) => {
  const given = inputs.map((input) => stored(typeof input === "string" ? `${id}/in/${input}` : input.tensor));
  const golden = [...stored(`${id}/out/${output}`).data];
  const rows = at(given[0]?.shape ?? [], 0);
  for (const size of [rows, 7, 1]) {
    const found = await Promise.all([metrics[key] ?? []].flat().map((metric) => figure(metric, given, size)));
    const numbers = found.flat(2) as number[];
    expect(numbers).toHaveLength(golden.length);
    for (const [index, value] of golden.entries())
      expect(Math.abs(at(numbers, index) - value), `${key}[${index}] in batches of ${size}`).toBeLessThanOrEqual(
        atol + rtol * Math.abs(value),
      );
  }
});
