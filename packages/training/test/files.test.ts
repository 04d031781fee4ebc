// Files that are damaged, disks that are full, folders that cannot be written to, and no files at all.
import * as files from "node:fs/promises";
import { readFile, readdir } from "node:fs/promises";
import { StriaError, randomState } from "@stria/core";
import { Linear, mseLoss } from "@stria/layers";
import { adam, sgd } from "@stria/optimizers";
import { describe, expect, it, vi } from "vitest";
import {
  checkpoints,
  fit,
  jsonLog,
  loadCheckpoint,
  loadModelFile,
  saveCheckpoint,
  saveModelFile,
  trainStep,
} from "../src/index.ts";
import { crc32 } from "../src/checkpoint/seal.ts";
import { numbersOf } from "./support.ts";
import { fileIn, loss, pair, train } from "./support-keep.ts";

const file = fileIn();

describe("a damaged file is refused, and nothing changes", () => {
  it("CRC-32 of 123456789 is cbf43926", () => {
    expect(crc32(new TextEncoder().encode("123456789")).toString(16)).toBe("cbf43926");
  });

  it("cut off anywhere, or with one bit of any part changed", async () => {
    const step = trainStep(new Linear(1, 1), adam({ learningRate: 0.1 }), loss);
    await step(pair());
    await saveCheckpoint(file("run"), step);
    await saveModelFile(file("model"), new Linear(1, 1));
    const model = new Linear(1, 1);
    const fresh = trainStep(model, adam({ learningRate: 0.1 }), loss);
    const before = await numbersOf(model);
    for (const name of ["run", "model"]) {
      const bytes = await readFile(file(name));
      const load = async (damaged: Uint8Array): Promise<unknown> => {
        await files.writeFile(file("damaged"), damaged);
        return name === "run" ? loadCheckpoint(file("damaged"), fresh) : loadModelFile(file("damaged"), model);
      };
      for (let index = 0; index < bytes.length; index += 7) {
        const changed = Buffer.from(bytes);
        changed[index] = (changed[index] ?? 0) ^ 4;
        await expect(load(changed), `byte ${index}`).rejects.toThrow(StriaError);
        await expect(load(bytes.subarray(0, index)), `${index} bytes`).rejects.toThrow(StriaError);
      }
    }
    expect(await numbersOf(model)).toEqual(before);
    expect(fresh.state.steps).toBe(0);
  });

  it("of another model", async () => {
    await train({ epochs: 1, callbacks: [checkpoints(file("run"))] });
    const model = new Linear(1, 1);
    const before = await numbersOf(model);
    await expect(loadModelFile(file("run"), model)).rejects.toThrow(/missing: weight, bias; unexpected: 0\.weight/);
    await expect(
      fit(model, [pair()], { loss: mseLoss, optimizer: sgd({ learningRate: 1 }), epochs: 1, resume: file("run") }),
    ).rejects.toThrow(/is not of this optimizer/);
    expect(await numbersOf(model)).toEqual(before);
    expect(randomState().seed).toBe(3);
  });
});

describe("a disk that is full, a folder that cannot be written to", () => {
  /** Files that take only some of what is written to them. */
  function fillDisk(): void {
    const { open } = files;
    vi.spyOn(process.getBuiltinModule("node:fs/promises"), "open").mockImplementation(async (...given) => {
      const handle = await open(...given);
      const full = (): never => {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      };
      const write = async (data: unknown, size: number): Promise<void> => {
        if (data instanceof Uint8Array) await handle.appendFile(data.subarray(0, size));
      };
      vi.spyOn(handle, "writeFile").mockImplementation(async (data) => {
        await write(data, 100);
        full();
      });
      vi.spyOn(handle, "write").mockImplementation(async (data: unknown) => {
        await write(data, 10);
        return full();
      });
      return handle;
    });
  }

  it("names the file, keeps the one that was there, and leaves nothing beside it", async () => {
    const step = trainStep(new Linear(1, 1), sgd({ learningRate: 0.1 }), loss);
    await saveCheckpoint(file("run"), step);
    await saveModelFile(file("model"), new Linear(1, 1));
    await train({ epochs: 1, callbacks: [jsonLog(file("log"))] });
    const before = await Promise.all(["run", "model", "log"].map((name) => readFile(file(name))));
    fillDisk();
    const fault = /could not be written \(ENOSPC: no space left on device.*full disk/;
    await expect(saveCheckpoint(file("run"), step)).rejects.toThrow(fault);
    await expect(saveModelFile(file("model"), new Linear(1, 1))).rejects.toThrow(fault);
    await expect(train({ callbacks: [checkpoints(file("run"))] })).rejects.toThrow(fault);
    await expect(train({ callbacks: [jsonLog(file("log"))] })).rejects.toThrow(fault);
    vi.restoreAllMocks();
    expect(await Promise.all(["run", "model", "log"].map((name) => readFile(file(name))))).toEqual(before);
    expect((await readdir(file("."))).toSorted()).toEqual(["log", "model", "run"]);
  });

  it("says that a folder is read-only", async () => {
    vi.spyOn(process.getBuiltinModule("node:fs/promises"), "open").mockRejectedValue(
      Object.assign(new Error("EROFS: read-only file system, open"), { code: "EROFS" }),
    );
    await expect(saveModelFile(file("model"), new Linear(1, 1))).rejects.toThrow(
      /model: the file could not be written \(EROFS: read-only file system.*folder without write permission/,
    );
  });
});

it("says what to use where there are no files", async () => {
  vi.stubGlobal("process", undefined);
  vi.stubGlobal("navigator", undefined);
  const saved = saveModelFile("model", new Linear(1, 1));
  await expect(saved).rejects.toThrow(/model: there is no file system here.*saveModel, loadModel, checkpointBytes/);
  vi.unstubAllGlobals();
});
