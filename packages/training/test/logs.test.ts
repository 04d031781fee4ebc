// The logs of fit: rows and lines of each epoch, over a resumption too.
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, crossEntropy, mseLoss } from "@stria/layers";
import { adam, sgd } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Callback,
  type EpochReport,
  type History,
  accuracy,
  checkpoints,
  confusionMatrix,
  csvLog,
  fit,
  jsonLog,
} from "../src/index.ts";
import { batchesOf, smallNet } from "./support.ts";

let folder = "";
const file = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-"));
  setSeed(3);
  await useBackend(reference());
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("logs", () => {
  const options = { loss: crossEntropy, metrics: { accuracy, matrix: confusionMatrix() } };
  const train = (callbacks: readonly Callback[], epochs: number, more: object = {}): Promise<History> =>
    fit(smallNet(), batchesOf(2), {
      ...options,
      validation: batchesOf(1),
      optimizer: adam({ learningRate: 0.01 }),
      epochs,
      callbacks,
      ...more,
    });
  const lines = async (name: string): Promise<string[]> => (await readFile(file(name), "utf8")).split("\n");

  it("a CSV row and a JSON line for each epoch, with the figures of the history", async () => {
    const history = await train([csvLog(file("log.csv")), jsonLog(file("log.jsonl"))], 2);
    const [header, first, second, end] = await lines("log.csv");
    expect(header).toBe("epoch,steps,seconds,learningRate,loss,accuracy,validation.accuracy,validation.loss");
    expect(end).toBe("");
    const epochs: EpochReport[] = [...history.epochs];
    for (const [index, row] of [first, second].entries()) {
      const report = epochs[index];
      expect(row?.split(",").map(Number)).toEqual([
        index + 1,
        2 * (index + 1),
        report?.seconds,
        0.01,
        report?.loss,
        report?.metrics["accuracy"],
        report?.validation?.["accuracy"],
        report?.validation?.loss,
      ]);
    }
    const parsed = (await lines("log.jsonl")).slice(0, 2).map((line): unknown => JSON.parse(line));
    expect(parsed).toEqual(epochs.map((report, index) => ({ ...report, steps: 2 * (index + 1), learningRate: 0.01 })));
  });

  it("adds to what is there, ends a line that was not, and refuses other columns", async () => {
    await writeFile(file("log.jsonl"), '{"old": true}');
    await train([jsonLog(file("log.jsonl")), csvLog(file("log.csv"))], 1);
    await train([jsonLog(file("log.jsonl")), csvLog(file("log.csv"))], 1);
    expect((await lines("log.jsonl")).map((line) => line.slice(0, 9))).toEqual([
      '{"old": t',
      '{"epoch":',
      '{"epoch":',
      "",
    ]);
    expect((await lines("log.csv")).map((line) => line.slice(0, 5))).toEqual(["epoch", "1,2,0", "1,2,0", ""]);
    await writeFile(file("other.csv"), "a,b\n1,2\n");
    await expect(train([csvLog(file("other.csv"))], 1)).rejects.toThrow(/has the columns a,b, the run has epoch,steps/);
    expect(await readFile(file("other.csv"), "utf8")).toBe("a,b\n1,2\n");
  });

  it("a run that was killed and goes on leaves each epoch once", async () => {
    const logs = (): Callback[] => [csvLog(file("log.csv")), jsonLog(file("log.jsonl"))];
    await writeFile(file("log.jsonl"), '{"epoch":7}\n'); // another run's
    await train([...logs(), checkpoints(file("run"))], 2);
    const kept = await readFile(file("log.csv"), "utf8");
    await train([...logs(), { name: "no checkpoint" }], 3, { resume: file("run") }); // it got further, and was lost
    await appendFile(file("log.csv"), "4,8,0.");
    await train(logs(), 4, { resume: file("run") });
    const rows = await lines("log.csv");
    expect(rows.slice(0, 3).join("\n")).toBe(kept.trimEnd());
    expect(rows.map((line) => line.split(",")[0])).toEqual(["epoch", "1", "2", "3", "4", ""]);
    const epochs = (await lines("log.jsonl"))
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { epoch: number }).epoch);
    expect(epochs).toEqual([7, 1, 2, 3, 4]);
  });

  it("names the file that cannot be written", async () => {
    await writeFile(file("blocked"), "");
    await expect(train([jsonLog(join(file("blocked"), "log"))], 1)).rejects.toThrow(/blocked.*(?:ENOTDIR|EEXIST)/);
  });

  it("quotes names, and writes no matrices", async () => {
    const model = new Linear(1, 1);
    await fit(model, [{ x: tensor([[1]]), y: tensor([[2]]) }], {
      loss: mseLoss,
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 1,
      metrics: {
        'a "b", c': {
          measure: (outputs) => outputs.reshape([1]),
          start: () => ({ add() {}, result: () => 1, save: () => new Float64Array() }),
        },
      },
      callbacks: [csvLog(file("log.csv"))],
    });
    expect((await lines("log.csv"))[0]).toBe('epoch,steps,seconds,learningRate,loss,"a ""b"", c"');
  });
});
