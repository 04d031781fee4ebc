// A run that was interrupted goes on to the same bits: batch normalisation, dropout, Adam's moments, the step, the seed, the order of the data.
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor, rootSeed, setSeed, useBackend } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { reference } from "@stria/core/reference";
import { type Module, crossEntropy } from "@stria/layers";
import { adam, cosine, sgd } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Callback,
  type TrainStep,
  checkpointBytes,
  checkpoints,
  fit,
  loadCheckpoint,
  loadModel,
  loadModelFile,
  restoreCheckpoint,
  saveCheckpoint,
  saveModel,
  saveModelFile,
  trainStep,
} from "../src/index.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-"));
  setSeed(7);
  await useBackend(reference());
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Pair {
  readonly x: Tensor;
  readonly y: Tensor;
}

function stepOf(model: Module): TrainStep<Pair, Tensor> {
  return trainStep(model, adam({ learningRate: cosine(0.01, { steps: 8 }) }), (m, { x, y }: Pair) =>
    crossEntropy(m.forward(x), y),
  );
}

describe("trainStep and a checkpoint", () => {
  it("three steps, a checkpoint, another process's model, three more: the bits of six", async () => {
    const [whole, first] = [smallNet(), smallNet()];
    const [wholeStep, firstStep] = [stepOf(whole), stepOf(first)];
    const losses: number[] = [];
    for (let i = 0; i < 6; i++) losses.push((await wholeStep(batchOf(i))).loss);
    for (let i = 0; i < 3; i++) await firstStep(batchOf(i));
    const path = join(folder, "deep", "run.safetensors");
    await saveCheckpoint(path, firstStep);

    setSeed(99); // the checkpoint knows its own
    const second = smallNet();
    const secondStep = stepOf(second);
    const info = await loadCheckpoint(path, secondStep);
    expect(info).toMatchObject({ steps: 3, seed: 7, backend: "reference" });
    expect(rootSeed()).toBe(7);
    for (let i = 3; i < 6; i++) expect((await secondStep(batchOf(i))).loss).toBe(losses[i]);
    expect(await numbersOf(second)).toEqual(await numbersOf(whole));
    expect(await readdir(join(folder, "deep"))).toEqual(["run.safetensors"]);
  });

  it("is a snapshot: steps that are made while it is written do not get into it", async () => {
    const model = smallNet();
    const step = stepOf(model);
    await step(batchOf(0));
    const before = await numbersOf(model);
    const bytes = checkpointBytes(step);
    const after = step.enqueue(batchOf(1)).loss;
    const fresh = smallNet();
    restoreCheckpoint(stepOf(fresh), await bytes);
    await after;
    expect(await numbersOf(fresh)).toEqual(before);
  });

  it("counts batches in int64, as PyTorch does", async () => {
    const step = stepOf(smallNet());
    await step(batchOf(0));
    const { tensors } = decodeSafetensors(await checkpointBytes(step));
    expect(tensors.get("1.num_batches_tracked")).toMatchObject({ dtype: "int32", storedAs: "I64", shape: [] });
    expect([...(tensors.get("1.num_batches_tracked")?.data ?? [])]).toEqual([1]);
  });
});

describe("a checkpoint that does not fit is refused, and nothing changes", () => {
  it("another optimizer, another model, a model file, a damaged file", async () => {
    const step = stepOf(smallNet());
    await step(batchOf(0));
    const bytes = await checkpointBytes(step);
    const model = smallNet();
    const before = await numbersOf(model);
    const plain = trainStep(model, sgd({ learningRate: 1 }), (m, { x, y }: Pair) => crossEntropy(m.forward(x), y));
    expect(() => restoreCheckpoint(plain, bytes)).toThrow(/optimizer\.firstMoment\.0\.weight is not of this optimizer/);
    const modelBytes = await saveModel(model);
    expect(() => restoreCheckpoint(stepOf(model), modelBytes)).toThrow(/no checkpoint/);
    expect(() => restoreCheckpoint(stepOf(model), bytes.subarray(0, 1000))).toThrow(/checkpoint/);
    expect(await numbersOf(model)).toEqual(before);
    expect(plain.state.steps).toBe(0);
  });

  it("files that are not there and folders that cannot be written to", async () => {
    await expect(loadCheckpoint(join(folder, "none"), stepOf(smallNet()))).rejects.toThrow(
      /could not be read \(ENOENT/,
    );
    const blocked = join(folder, "file");
    await writeFile(blocked, "old");
    await expect(saveModelFile(join(blocked, "below"), smallNet())).rejects.toThrow(/could not be written/);
    expect(await readFile(blocked, "utf8")).toBe("old");
  });
});

describe("models", () => {
  it("go into bytes and files and back, from checkpoints too", async () => {
    const model = smallNet();
    const step = stepOf(model);
    await step(batchOf(0));
    const expected = await numbersOf(model);
    const path = join(folder, "model.safetensors");
    await saveModelFile(path, model);
    const [fromFile, fromBytes, fromCheckpoint] = [smallNet(), smallNet(), smallNet()];
    await loadModelFile(path, fromFile);
    loadModel(fromBytes, await saveModel(model));
    loadModel(fromCheckpoint, await checkpointBytes(step));
    for (const loaded of [fromFile, fromBytes, fromCheckpoint]) expect(await numbersOf(loaded)).toEqual(expected);
  });

  it("carry text of the user's own, which damage does not go unnoticed in either", async () => {
    const model = smallNet();
    const bytes = await saveModel(model, { metadata: new Map([["net", "small"]]) });
    expect(decodeSafetensors(bytes, "model").metadata.get("net")).toBe("small");
    expect(loadModel(smallNet(), bytes).missing).toEqual([]);
    bytes[new TextDecoder("latin1").decode(bytes).indexOf("small")] = "S".charCodeAt(0);
    expect(() => loadModel(smallNet(), bytes)).toThrow(/its checksum is not that of its bytes/);
    await expect(saveModel(model, { metadata: new Map([["stria", "mine"]]) })).rejects.toThrow(
      /the metadata have the key "stria". Remedy: it is taken; use another/,
    );
  });
});

describe("fit", () => {
  const options = { loss: crossEntropy, epochs: 3 };

  it("stopped inside an epoch and resumed, it ends with the same bits", async () => {
    const whole = smallNet();
    await fit(whole, batchesOf(4), { ...options, optimizer: adam({ learningRate: 0.01 }) });

    const path = join(folder, "run.safetensors");
    const stopAt: Callback = {
      onStep(run, { step }) {
        if (step === 5) run.stop();
      },
    };
    const history = await fit(smallNet(), batchesOf(4), {
      ...options,
      optimizer: adam({ learningRate: 0.01 }),
      callbacks: [stopAt, checkpoints(path)],
    });
    expect(history.stopped).toBe(true);
    expect(history.epochs).toHaveLength(1);
    expect(history.steps).toBeGreaterThan(5);
    expect(history.steps).toBeLessThan(12);

    setSeed(1);
    const resumed = smallNet();
    const rest = await fit(resumed, batchesOf(4), {
      ...options,
      optimizer: adam({ learningRate: 0.01 }),
      resume: path,
    });
    expect(rest).toMatchObject({ steps: 12, stopped: false });
    expect(rest.epochs.map(({ epoch }) => epoch)).toEqual([2, 3]);
    expect(await numbersOf(resumed)).toEqual(await numbersOf(whole));
  });
});
