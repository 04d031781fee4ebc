// What fails in the middle of a run: a device, and data that must be refused.
import * as files from "node:fs/promises";
import { type Backend, type Executable, type Graph, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { Linear, mseLoss } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { describe, expect, it, vi } from "vitest";
import { type FitOptions, type MetricTable, fit, trainStep } from "../src/index.ts";
import { batchesOf, numbersOf, smallNet } from "./support.ts";
import { fileIn, loss, pair, train } from "./support-keep.ts";

const file = fileIn();

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
