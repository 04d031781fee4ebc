// What keeps a run safe: checkpoints that hold all of it, damaged files, full disks, signals, data that must be refused.
import * as files from "node:fs/promises";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Backend,
  type Executable,
  type Graph,
  StriaError,
  type Tensor,
  randomState,
  setSeed,
  tensor,
  uniform,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, crossEntropy, mseLoss } from "@stria/layers";
import { adam, ema, reduceOnPlateau, sgd, withAverage } from "@stria/optimizers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Callback,
  type CallbackState,
  type FitOptions,
  type History,
  type LabelledBatch,
  type MetricTable,
  accuracy,
  checkpointBytes,
  checkpoints,
  earlyStopping,
  evaluate,
  fit,
  jsonLog,
  loadCheckpoint,
  loadModelFile,
  predict,
  restoreCheckpoint,
  saveCheckpoint,
  saveModelFile,
  trainStep,
} from "../src/index.ts";
import { decodeRunState } from "../src/checkpoint/run-state.ts";
import { crc32 } from "../src/checkpoint/seal.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

let folder = "";
const file = (name: string): string => join(folder, name);
const loss = (m: Linear, { x, y }: LabelledBatch): Tensor => mseLoss(m.forward(x), y);
const pair = (): LabelledBatch => ({ x: tensor([[1], [2]]), y: tensor([[3], [5]]) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-"));
  setSeed(3);
  await useBackend(reference());
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

function train<Table extends MetricTable>(options: Partial<FitOptions<Table>>, model = smallNet()): Promise<History> {
  return fit(model, batchesOf(4), {
    loss: crossEntropy,
    optimizer: withAverage(adam({ learningRate: 0.01 }), ema(0.9)),
    epochs: 3,
    ...options,
  });
}

describe("a checkpoint holds the whole run", () => {
  it("figures of the epoch under way: the history of a resumed run is that of one that was not stopped", async () => {
    const metrics = { accuracy };
    const whole = await train({ metrics });
    for (const at of [0, 5, 6]) {
      const die: Callback = {
        onStep: (_, { step }) => {
          if (step === at + 1) throw new Error("killed");
        },
      };
      await expect(
        train({ metrics, callbacks: [checkpoints(file("run"), { everySteps: at + 1 }), die] }),
      ).rejects.toThrow("killed");
      const { epochs } = await train({ metrics, resume: file("run") });
      const timeless = (of: History): object[] => of.epochs.map((epoch) => ({ ...epoch, seconds: 0 }));
      expect(timeless({ epochs, steps: 0, stopped: false })).toEqual(timeless(whole).slice(-epochs.length));
    }
  });

  it("the average, the rate of a schedule that follows a metric, and the draws outside of steps", async () => {
    const learningRate = reduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
    const step = trainStep(new Linear(1, 1), withAverage(sgd({ learningRate }), ema(0.5)), loss);
    await step(pair());
    for (const metric of [1, 1, 1]) learningRate.observe(metric);
    uniform([2]);
    const bytes = await checkpointBytes(step);
    const next = await uniform([2]).data();
    const other = reduceOnPlateau(0.1, { patience: 1, factor: 0.5 });
    setSeed(8);
    const second = trainStep(new Linear(1, 1), withAverage(sgd({ learningRate: other }), ema(0.5)), loss);
    restoreCheckpoint(second, bytes);
    expect(other.save()).toEqual(learningRate.save());
    expect(other(1)).toBe(0.05);
    expect(await uniform([2]).data()).toEqual(next);
    expect(await second.state.average().get("weight")?.data()).toEqual(
      await step.state.average().get("weight")?.data(),
    );
    const plain = trainStep(new Linear(1, 1), sgd({ learningRate: 1 }), loss);
    expect(() => plain.state.average()).toThrow(/the optimizer keeps no average.*withAverage/);
  });
});

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
    expect((await readdir(folder)).toSorted()).toEqual(["log", "model", "run"]);
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

describe("signals", () => {
  it("fit returns at once when it is given already, and in the middle of a validation", async () => {
    const model = smallNet();
    const before = await numbersOf(model);
    expect(await train({ signal: AbortSignal.abort() }, model)).toMatchObject({ epochs: [], steps: 0, stopped: true });
    expect(await numbersOf(model)).toEqual(before);

    const controller = new AbortController();
    function* slow(): Generator<LabelledBatch> {
      yield batchOf(0);
      controller.abort();
      yield batchOf(1);
    }
    const stopped = await train({
      signal: controller.signal,
      validation: { [Symbol.iterator]: slow },
      callbacks: [checkpoints(file("run"))],
    });
    expect(stopped).toMatchObject({ epochs: [], steps: 4, stopped: true });
    // The epoch whose validation was cut short is validated again, and only then counts.
    const whole = await train({ validation: batchesOf(2) });
    const resumed = await train({ validation: batchesOf(2), resume: file("run") });
    expect(resumed.epochs.map(({ validation }) => validation)).toEqual(
      whole.epochs.map(({ validation }) => validation),
    );
  });

  it("evaluate and predict throw its reason, before or between batches; the model goes on working", async () => {
    const model = smallNet();
    const reason = new Error("the user has left");
    const signal = AbortSignal.abort(reason);
    await expect(evaluate(model, batchesOf(2), { accuracy }, { signal })).rejects.toBe(reason);
    await expect(predict(model, batchOf(0).x, { signal })).rejects.toBe(reason);
    const controller = new AbortController();
    let given = 0;
    function* watched(): Generator<LabelledBatch> {
      for (; given < 10; given++) {
        if (given === 3) controller.abort(reason);
        yield batchOf(given);
      }
    }
    const half = evaluate(model, { [Symbol.iterator]: watched }, { accuracy }, { signal: controller.signal });
    await expect(half).rejects.toBe(reason);
    expect(given).toBe(3);
    const open = new AbortController();
    expect((await predict(model, batchOf(0).x, { signal: open.signal })).shape).toEqual([4, 3]);
    await evaluate(model, batchesOf(1), { accuracy }, { signal: open.signal });
  });

  it("leaves no rejection unheard when a step fails while another is under way", async () => {
    const unheard = vi.fn<() => void>();
    process.on("unhandledRejection", unheard);
    const broken = { ...batchOf(1), y: tensor(Int32Array.of(0, 9, 0, 0)) };
    await expect(
      fit(smallNet(), [batchOf(0), broken], { loss: crossEntropy, optimizer: sgd({ learningRate: 1 }), epochs: 1 }),
    ).rejects.toThrow(/label 9/);
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.off("unhandledRejection", unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});

describe("a device that fails", () => {
  /** The reference executor, whose run number `at` (from 1) finds no memory. */
  function failing(at: number): Backend {
    let runs = 0;
    const inner = reference();
    const compile = async (graph: Graph): Promise<Executable> => {
      const executable = await inner.compile(graph);
      return {
        run(inputs, donated) {
          if (++runs === at) throw new Error("out of memory");
          return executable.run(inputs, donated);
        },
        dispose: () => executable.dispose(),
      };
    };
    return new Proxy(inner, {
      get(target, name) {
        if (name === "compile") return compile;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }

  it.each([
    ["a step", 3, 1],
    ["the first batch of a step of several", 4, 2],
    ["the second batch of a step of several", 5, 2],
    ["the update of a step of several batches", 6, 2],
    ["a validation", 5, 1],
  ])(
    "in %s: fit says so once, nobody else hears of it, and the run goes on from its checkpoint",
    async (_, at, accumulate) => {
      const unheard = vi.fn<() => void>();
      process.on("unhandledRejection", unheard);
      const options = (): Partial<FitOptions<MetricTable>> => ({
        accumulate,
        callbacks: [{ onStart: async (run) => files.writeFile(file("run"), await run.checkpoint()) }],
      });
      await useBackend(reference());
      const whole = smallNet();
      await train({ accumulate, validation: batchesOf(2) }, whole);
      await useBackend(failing(at));
      await expect(train({ ...options(), validation: batchesOf(2) })).rejects.toThrow("out of memory");
      await new Promise((resolve) => setTimeout(resolve, 0));
      process.off("unhandledRejection", unheard);
      expect(unheard).not.toHaveBeenCalled();
      await useBackend(reference());
      const resumed = smallNet();
      await train({ ...options(), validation: batchesOf(2), resume: file("run") }, resumed);
      expect(await numbersOf(resumed)).toEqual(await numbersOf(whole));
    },
  );

  it("a step of several batches that failed was none: training goes on as if its batches had not come", async () => {
    const [model, other] = [new Linear(1, 1), new Linear(1, 1)];
    await useBackend(failing(2));
    const options = { accumulate: 2, safe: true };
    const step = trainStep(model, sgd({ learningRate: 0.1 }), loss, options);
    await step(pair());
    await expect(step(pair())).rejects.toThrow("out of memory");
    expect([step.state.steps, step.state.sums?.batches]).toEqual([0, 0]);
    await step(pair());
    await step(pair());
    expect(step.state.steps).toBe(1);
    const found = await numbersOf(model);
    await useBackend(reference());
    await trainStep(other, sgd({ learningRate: 0.1 }), loss)(pair());
    expect(found).toEqual(await numbersOf(other));
  });
});

describe("NaN in a batch on the host is refused before anything changes", () => {
  it.each([
    ["x", { ...pair(), x: tensor([[1], [Number.NaN]]) }],
    ["y", { ...pair(), y: tensor([[Number.NaN], [1]]) }],
  ])("in %s, by name and example", async (name, batch) => {
    const model = new Linear(1, 1);
    const before = await numbersOf(model);
    const step = trainStep(model, sgd({ learningRate: 0.1 }), loss);
    const message = new RegExp(`trainStep: ${name} of the batch has NaN at index \\d, in example \\d`);
    await expect(step(batch)).rejects.toThrow(message);
    await expect(
      fit(model, [batch], { loss: mseLoss, optimizer: sgd({ learningRate: 0.1 }), epochs: 1 }),
    ).rejects.toThrow(message);
    expect(await numbersOf(model)).toEqual(before);
    expect(step.state.steps).toBe(0);
  });
});

describe("what a checkpoint cannot give back is named", () => {
  const named = (name: string, state: CallbackState): Callback => ({ name, save: () => state });

  it.each<[string, Callback, Callback, RegExp]>([
    [
      "another state under the name of early stopping",
      named("earlyStopping", { waited: "long" }),
      earlyStopping(),
      /earlyStopping: the checkpoint has another state/,
    ],
    [
      "another value in it",
      named("earlyStopping", { waited: 1, value: "low", epoch: 1 }),
      earlyStopping(),
      /earlyStopping: the checkpoint has another state/,
    ],
    [
      "another length of a log",
      named("jsonLog log", { length: "long" }),
      jsonLog("log"),
      /jsonLog: the checkpoint has another state/,
    ],
  ])("%s", async (_, saved, restored, message) => {
    await train({ epochs: 1, callbacks: [saved, checkpoints(file("run"))] });
    await expect(train({ callbacks: [restored], resume: file("run") })).rejects.toThrow(message);
  });

  it("takes back plain data and bytes, and leaves what nobody asks for", async () => {
    const state = { number: 0.1, text: "é", flag: true, none: null, bytes: Uint8Array.of(1, 2, 255) };
    await train({ epochs: 1, callbacks: [named("mine", state), named("lost", { a: 1 }), checkpoints(file("run"))] });
    const found: CallbackState[] = [];
    const mine: Callback = { name: "mine", restore: (saved) => void found.push(saved) };
    await train({
      callbacks: [mine, { name: "new", restore: (saved) => void found.push(saved) }],
      resume: file("run"),
    });
    expect(found).toEqual([state]);
  });

  it.each<[string, string]>([
    ["no JSON", "{"],
    ["no list", "{}"],
    ["no pairs", "[1]"],
    ["no names", "[[1, 2]]"],
    ["nested data", '[["a", [["b", {}]]]]'],
  ])("refuses callbacks that are %s", (_, text) => {
    expect(() => decodeRunState(new Map(), text)).toThrow(/what it keeps of callbacks cannot be read/);
  });

  it("refuses figures that are no numbers", () => {
    const tensors = new Map([["run:totals/", { shape: [3], dtype: "uint8" as const, data: new Uint8Array(3) }]]);
    expect(() => decodeRunState(tensors, "[]")).toThrow(/cannot be read/);
  });
});

it("says what to use where there are no files", async () => {
  vi.stubGlobal("process", undefined);
  vi.stubGlobal("navigator", undefined);
  const saved = saveModelFile("model", new Linear(1, 1));
  await expect(saved).rejects.toThrow(/model: there is no file system here.*saveModel, loadModel, checkpointBytes/);
  vi.unstubAllGlobals();
});
