// Training in a page: runs are kept in the origin's private file system, and go on from there to the same bits.
import { setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { crossEntropy } from "@stria/layers";
import { adam } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Callback,
  type FitOptions,
  type History,
  type MetricTable,
  checkpoints,
  csvLog,
  fit,
  loadCheckpoint,
  loadModelFile,
  saveModelFile,
  trainStep,
} from "../src/index.ts";
import { batchesOf, numbersOf, smallNet } from "./support.ts";

const folder = "training-in-a-page";

beforeEach(async () => {
  setSeed(7);
  await useBackend(reference());
});

afterEach(async () => {
  vi.restoreAllMocks();
  // Only what is of these tests: pages of other tests use the same file system at the same time.
  const root = await navigator.storage.getDirectory();
  await root.getDirectoryHandle(folder, { create: true });
  await root.removeEntry(folder, { recursive: true });
});

function train(options: Partial<FitOptions<MetricTable>>, model = smallNet()): Promise<History> {
  return fit(model, batchesOf(3), {
    loss: crossEntropy,
    optimizer: adam({ learningRate: 0.01 }),
    epochs: 3,
    ...options,
  });
}

async function textOf(path: string): Promise<string> {
  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle(folder);
  return (await (await directory.getFileHandle(path)).getFile()).text();
}

describe("in a page", () => {
  it("a run is kept and gone on with, its log has each epoch once", async () => {
    const whole = smallNet();
    await train({}, whole);
    const die: Callback = {
      onStep: (_, { step }) => {
        if (step === 5) throw new Error("the page was closed");
      },
    };
    const run = `${folder}/runs/first.safetensors`;
    const callbacks = (): Callback[] => [checkpoints(run, { everySteps: 1 }), csvLog(`${folder}/log.csv`)];
    await expect(train({ callbacks: [...callbacks(), die] })).rejects.toThrow("the page was closed");
    const resumed = smallNet();
    await train({ callbacks: callbacks(), resume: run }, resumed);
    expect(await numbersOf(resumed)).toEqual(await numbersOf(whole));
    const lines = (await textOf("log.csv")).split("\n");
    expect(lines.map((line) => line.split(",")[0])).toEqual(["epoch", "1", "2", "3", ""]);
  });

  it("models go to files and back; what cannot be read or written is named, and what was there stays", async () => {
    const file = `${folder}/models/net.safetensors`;
    const [model, other] = [smallNet(), smallNet()];
    await train({}, model);
    await saveModelFile(file, model);
    await loadModelFile(file, other);
    expect(await numbersOf(other)).toEqual(await numbersOf(model));
    const step = trainStep(smallNet(), adam({ learningRate: 1 }), (m, { x, y }: ReturnType<typeof batchesOf>[number]) =>
      crossEntropy(m.forward(x), y),
    );
    await expect(loadCheckpoint("none/run", step)).rejects.toThrow(
      /none\/run: the file could not be read \(.*check the path/,
    );
    vi.spyOn(FileSystemWritableFileStream.prototype, "write").mockRejectedValue(
      new DOMException("The operation failed because it would exceed the quota", "QuotaExceededError"),
    );
    await expect(saveModelFile(file, smallNet())).rejects.toThrow(
      /net\.safetensors: the file could not be written \(.*exceed the quota.*what was there is untouched/,
    );
    vi.restoreAllMocks();
    const again = smallNet();
    await loadModelFile(file, again);
    expect(await numbersOf(again)).toEqual(await numbersOf(model));
  });
});
