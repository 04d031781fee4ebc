// A signal is seen while a batch is waited for that never comes. (A rejection that nobody hears fails the run of the tests.)
import { setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { beforeEach, expect, it } from "vitest";
import { type LabelledBatch, accuracy, evaluate, findLearningRate, fit, updateBatchNorm } from "../src/index.ts";
import { batchOf, batchesOf, numbersOf, smallNet } from "./support.ts";

beforeEach(async () => {
  setSeed(3);
  await useBackend(reference());
});

const reason = new Error("the user has left");
const settings = { loss: crossEntropy, optimizer: sgd({ learningRate: 0.1 }), epochs: 2 };

interface Source extends AsyncIterable<LabelledBatch> {
  /** Resolves when what never comes is waited for. */
  readonly stuck: Promise<void>;
  readonly closed: () => number;
}

/** Two batches, and a third that never comes; `end` is what `return` gives. */
function stuckSource(end: () => Promise<IteratorResult<LabelledBatch>>): Source {
  let tell = (): void => {};
  let closed = 0;
  const stuck = new Promise<void>((resolve) => (tell = resolve));
  const iterator = (): AsyncIterator<LabelledBatch> => {
    let given = 0;
    return {
      next() {
        if (given < 2) return Promise.resolve({ done: false, value: batchOf(given++) });
        tell();
        return new Promise(() => {});
      },
      return() {
        closed++;
        return end();
      },
    };
  };
  return { stuck, closed: () => closed, [Symbol.asyncIterator]: iterator };
}

const never = (): Promise<never> => new Promise(() => {});

/** A signal that says how many listen to it. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners++;
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    listeners--;
    remove(...given);
  };
  return { controller, listeners: () => listeners };
}

const users: Readonly<
  Record<string, (batches: AsyncIterable<LabelledBatch>, signal: AbortSignal) => Promise<unknown>>
> = {
  evaluate: (batches, signal) => evaluate(smallNet(), batches, { accuracy }, { signal }),
  findLearningRate: (batches, signal) => findLearningRate(smallNet(), batches, { ...settings, signal }),
  updateBatchNorm: (batches, signal) => updateBatchNorm(smallNet(), batches, { signal }),
};

it.each(Object.entries(users))("%s throws its reason", async (_, use) => {
  for (const end of [never, () => Promise.reject(new Error("closed badly"))]) {
    const source = stuckSource(end);
    const { controller, listeners } = counted();
    const ended = use(source, controller.signal);
    await source.stuck;
    expect(listeners()).toBe(1);
    controller.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect([source.closed(), listeners()]).toEqual([1, 0]);
  }
});

it("findLearningRate and updateBatchNorm leave the model as it was", async () => {
  const model = smallNet();
  const before = await numbersOf(model);
  for (const use of [
    (data: Source, signal: AbortSignal) => findLearningRate(model, data, { ...settings, signal }),
    (data: Source, signal: AbortSignal) => updateBatchNorm(model, data, { signal }),
  ]) {
    const source = stuckSource(never);
    const controller = new AbortController();
    const ended = use(source, controller.signal);
    await source.stuck;
    controller.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(await numbersOf(model)).toEqual(before);
  }
});

it("fit ends with what was reached, in training and in validation", async () => {
  const source = stuckSource(never);
  const { controller, listeners } = counted();
  const ended = fit(smallNet(), source, { ...settings, signal: controller.signal });
  await source.stuck;
  controller.abort(reason);
  expect(await ended).toEqual({ epochs: [], steps: 2, stopped: true });
  expect([source.closed(), listeners()]).toEqual([1, 0]);

  const validation = stuckSource(never);
  const second = counted();
  const validated = fit(smallNet(), batchesOf(3), { ...settings, validation, signal: second.controller.signal });
  await validation.stuck;
  second.controller.abort(reason);
  expect(await validated).toEqual({ epochs: [], steps: 3, stopped: true });
  expect([validation.closed(), second.listeners()]).toEqual([1, 0]);
});

it("fit makes no step of the batches that came before, where several make one", async () => {
  const source = stuckSource(never);
  const controller = new AbortController();
  const ended = fit(smallNet(), source, { ...settings, accumulate: 4, signal: controller.signal });
  await source.stuck;
  controller.abort();
  expect(await ended).toMatchObject({ steps: 0, stopped: true });
});

it("a source that fails because of the signal has ended by it; one that fails by itself has failed", async () => {
  const controller = new AbortController();
  async function* failing(): AsyncGenerator<LabelledBatch> {
    yield batchOf(0);
    controller.abort(reason);
    throw new Error("the connection was closed");
  }
  const stopped = await fit(smallNet(), failing(), { ...settings, signal: controller.signal });
  expect(stopped).toEqual({ epochs: [], steps: 1, stopped: true });
  async function* broken(): AsyncGenerator<LabelledBatch> {
    yield batchOf(0);
    throw new Error("the disk is gone");
  }
  const { signal } = new AbortController();
  await expect(evaluate(smallNet(), broken(), { accuracy }, { signal })).rejects.toThrow("the disk is gone");
});

it("a source that is left early is closed, and waited for", async () => {
  let closed = false;
  async function* source(): AsyncGenerator<LabelledBatch> {
    try {
      for (let number = 0; ; number++) yield batchOf(number);
    } finally {
      await Promise.resolve();
      closed = true;
    }
  }
  const { signal } = new AbortController();
  await findLearningRate(smallNet(), source(), { ...settings, steps: 3, signal });
  expect(closed).toBe(true);
});
