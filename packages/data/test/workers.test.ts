// Loaders with worker threads: the same batches whatever their number, and what becomes of workers that fail.
import { AttributeError, DisposedError, isTensor, setSeed } from "@stria/core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { loader, type LoaderOptions } from "../src/loader.ts";
import { Meter } from "../src/statistics.ts";
import { SampleError } from "../src/sample-error.ts";
import type { LoaderWorkers } from "../src/workers/options.ts";
import { LoaderWorkerError } from "../src/workers/worker-error.ts";
import { type Item, itemsOf, type Means, means, noisy, notPlain, type Scenario, streamOf } from "./workers/scenario.ts";

const itemsModule = new URL("./workers/items.worker.ts", import.meta.url);
const streamModule = new URL("./workers/stream.worker.ts", import.meta.url);

/** Everything of a batch as plain values. */
async function plain(value: unknown): Promise<unknown> {
  if (isTensor(value)) return { ...value.aval, data: [...(await value.data())] };
  if (typeof value !== "object" || value === null) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, part]) => [key, await plain(part)] as const),
  );
  return Object.fromEntries(entries);
}

/** All batches, read when the last one is there: none may lie in memory that is used again. */
async function all(batches: AsyncIterable<unknown>): Promise<unknown[]> {
  const kept: unknown[] = [];
  for await (const batch of batches) kept.push(batch);
  return Promise.all(kept.map((batch) => plain(batch)));
}

// Dozens of workers start here: their modules are compiled once.
const compiled = mkdtempSync(join(tmpdir(), "stria-compiled-"));
beforeAll(() => void vi.stubEnv("NODE_COMPILE_CACHE", compiled));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(compiled, { recursive: true, force: true, maxRetries: 20 }); // workers that were just stopped may still write
});

const closers: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) close();
  vi.unstubAllGlobals();
});

type Options = Partial<LoaderOptions<Item>> & { readonly count?: number; readonly start?: LoaderWorkers["start"] };

/** A loader of the scenario's items with so many workers. */
function loaded(scenario: Scenario, { count = 1, start = itemsModule, ...options }: Options = {}) {
  const made = loader(itemsOf(scenario), {
    batchSize: 4,
    seed: 3,
    transform: noisy,
    ...options,
    workers: { count, start, data: scenario },
  });
  closers.push(() => made.close());
  return made;
}

/** What the threads count together: items read, threads ended. */
const counting = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

describe("workers", () => {
  it("make the batches that are made without them, to the bit: epoch after epoch, from any batch on, several iterations at once", async () => {
    for (const [count, last] of [
      [1, "keep"],
      [3, "pad"],
    ] as const) {
      const [here, there] = [0, count].map((workers) =>
        loaded({ length: 23 }, { count: workers, shuffle: true, last }),
      );
      if (!here || !there) throw new Error("two loaders");
      const expected = [await all(here), await all(here)];
      expect(expected.map(({ length }) => length)).toEqual([6, 6]);
      expect([await all(there), await all(there)]).toEqual(expected);
      expect(there.position).toEqual({ epoch: 2, batch: 0 });
      there.seek({ epoch: 1, batch: 4 });
      expect(await Promise.all([all(there), all(there.batches(0, 1))])).toEqual([
        expected[1]?.slice(4),
        expected[0]?.slice(1),
      ]);
    }
  });

  it("are given the root seed, and items that a sampler repeats draw anew", async () => {
    setSeed(11);
    const sampler = { length: 9, draw: () => [5, 5, 5, 0, 1, 2, 5, 3, 4] };
    const scenario: Scenario = { length: 6, root: true };
    const of = (count: number) => {
      const workers = { count, start: itemsModule, data: scenario };
      const made = loader(itemsOf(scenario), { batchSize: 4, sampler, transform: noisy, workers });
      closers.push(() => made.close());
      return made;
    };
    const expected = await all(of(0));
    expect(await all(of(1))).toEqual(expected);
    expect(JSON.stringify(expected[0])).not.toEqual(JSON.stringify(expected[1]));
  });

  it("transfer batches where no memory can be shared", async () => {
    const expected = await all(loaded({ length: 10 }, { count: 0 }));
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(await all(loaded({ length: 10 }, { count: 1 }))).toEqual(expected);
  });

  it("collate, tensors and all", async () => {
    const scenario: Scenario = { length: 10, collate: "tensors" };
    const of = (count: number) => {
      const made = loader<Item, Item, Means>(itemsOf(scenario), {
        batchSize: 4,
        seed: 1,
        transform: noisy,
        collate: means,
        last: "pad",
        workers: { count, start: itemsModule, data: scenario },
      });
      closers.push(() => made.close());
      return made;
    };
    const expected = await all(of(0));
    expect(expected.length).toBe(3);
    expect(await all(of(1))).toEqual(expected);
  });

  it("go through streams, each making its share", async () => {
    const scenario: Scenario = { length: 23 };
    for (const [count, last, length] of [
      [1, "drop", 5],
      [2, "pad", 6],
    ] as const) {
      const [here, there] = [0, count].map((number) => {
        const workers = { count: number, start: streamModule, data: scenario };
        const made = loader(streamOf(scenario), { batchSize: 4, seed: 5, transform: noisy, last, workers });
        closers.push(() => made.close());
        return made;
      });
      if (!here || !there) throw new Error("two loaders");
      const expected = await all(here);
      expect(expected.length).toBe(length);
      expect(await all(there)).toEqual(expected);
      expect(await all(there.batches(0, 3))).toEqual(expected.slice(3));
    }
  });

  it("make no more than may be ahead of what is used, and nothing after the loop is left", async () => {
    const counts = counting();
    const batches = loaded(
      { length: 400, counts },
      { count: 2, start: () => new Worker(itemsModule), batchSize: 2, prefetch: 3 },
    );
    const iterator = batches[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitUntil(() => counts[0] === 8, { timeout: 60_000 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counts[0]).toBe(8);
    await iterator.return?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counts[0]).toBe(8);
  });
});

describe("items that fail in a worker", () => {
  it("are named, with their file and the worker", async () => {
    const failing = all(loaded({ length: 12, throws: [6] }));
    await expect(failing).rejects.toThrow(SampleError);
    await expect(failing).rejects.toThrow(
      /^sample 6 \(folder\/6\.png\): reading it in worker 0 failed: item 6 is broken\. Remedy: leave the item out/,
    );
    await expect(failing).rejects.toMatchObject({
      index: 6,
      file: "folder/6.png",
      worker: 0,
      cause: { name: "RangeError", message: "item 6 is broken" },
    });
  });

  it("are left out and counted on request, in workers as without them", async () => {
    const of = (count: number) => loaded({ length: 12, throws: [1, 6, 7] }, { count, broken: "skip" });
    const [here, there] = [of(0), of(1)];
    const expected = await all(here);
    expect(expected).toMatchObject([3, 2, 4].map((rows) => ({ y: { shape: [rows] } })));
    expect(await all(there)).toEqual(expected);
    for (const { statistics } of [here, there]) {
      expect(statistics.items).toBe(9);
      expect(statistics.skipped.count).toBe(3);
      expect(statistics.skipped.samples.map(({ index, epoch }) => [index, epoch])).toEqual([
        [1, 0],
        [6, 0],
        [7, 0],
      ]);
      expect(statistics.skipped.samples[1]?.message).toMatch(/^sample 6 \(folder\/6\.png\): reading it failed: item 6/);
    }
  });

  it("that are a whole batch are an error all the same", async () => {
    for (const count of [0, 1]) {
      const failing = all(loaded({ length: 8, throws: [4, 5, 6, 7] }, { count, broken: "skip" }));
      await expect(failing).rejects.toThrow(AttributeError);
      await expect(failing).rejects.toThrow(/all 4 samples of a batch are broken, the first one so: sample 4/);
    }
  });
});

describe("a worker that ends", () => {
  it("is started anew, and no batch is lost or changed", async () => {
    const expected = await all(loaded({ length: 20 }, { count: 0 }));
    const batches = loaded({ length: 20, endsOnce: [9], counts: counting() }, { count: 2 });
    expect(await all(batches)).toEqual(expected);
    expect(batches.statistics.restarts).toBe(1);
  });

  it("again at the same item is an error that names it, where its batch would have come", async () => {
    const batches = loaded({ length: 12, ends: [6] });
    const seen: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const batch of batches) seen.push(batch);
    };
    const failing = reading();
    await expect(failing).rejects.toThrow(LoaderWorkerError);
    await expect(failing).rejects.toThrow(
      /^loader, worker 0: it ended again while it made sample 6 \(folder\/6\.png\): it ended with code 7\. Remedy: leave the sample out/,
    );
    await expect(failing).rejects.toMatchObject({ worker: 0, index: 6, file: "folder/6.png" });
    expect(seen.length).toBe(1);
  });

  it("costs the items at fault on request, and no other", async () => {
    const batches = loaded({ length: 12, ends: [2, 6] }, { broken: "skip" });
    const expected = await all(loaded({ length: 12, throws: [2, 6] }, { count: 0, broken: "skip" }));
    expect(await all(batches)).toEqual(expected);
    const { skipped, restarts } = batches.statistics;
    expect(skipped.samples.map(({ index }) => index)).toEqual([2, 6]);
    expect(skipped.samples[0]?.message).toMatch(/it ended again while it made sample 2 \(folder\/2\.png\)/);
    expect(restarts).toBeGreaterThanOrEqual(4);
  });

  it("over a stream goes on where it was", async () => {
    const scenario: Scenario = { length: 20, endsOnce: [9], counts: counting() };
    const workers = { count: 1, start: streamModule, data: scenario };
    const batches = loader(streamOf(scenario), { batchSize: 4, seed: 5, transform: noisy, workers });
    closers.push(() => batches.close());
    const expected = loader(streamOf({ length: 20 }), { batchSize: 4, seed: 5, transform: noisy });
    expect(await all(batches)).toEqual(await all(expected));
    expect(batches.statistics.restarts).toBe(1);
  });
});

describe("ends that are asked for", () => {
  it("come with the signal's reason, also while an item never comes", async () => {
    const controller = new AbortController();
    const batches = loaded({ length: 12, hangs: [5] }, { signal: controller.signal });
    const seen: unknown[] = [];
    const reading = async (): Promise<void> => {
      for await (const batch of batches) {
        seen.push(batch);
        setTimeout(() => controller.abort(new Error("enough")), 10);
      }
    };
    await expect(reading()).rejects.toThrow("enough");
    expect(seen.length).toBe(1);
    await expect(all(batches)).rejects.toThrow("enough");
  });

  it("come by close, and the next iteration starts other workers", async () => {
    const batches = loaded({ length: 12, hangs: [9] });
    const iterator = batches[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const third = iterator.next();
    batches.close();
    await expect(third).rejects.toThrow(DisposedError);
    const first = await batches.batches(0)[Symbol.asyncIterator]().next();
    expect(first.done).toBe(false);
  });
});

describe("workers that cannot serve", () => {
  it.each([
    ["throws", /^loader, worker 0: it could not start: no such folder\. Remedy/],
    ["other length", /^loader: worker 0 serves 3 items, and the loader has 12 items\. Remedy: give serveBatches/],
    ["no transform", /worker 0 has no transform, and the loader has one/],
    ["other fields", /field y is int32\[\], 4 classes, and of the loader's it is int32\[\], 3 classes/],
    ["no dataset", /its dataset is a Promise/],
  ] as const)("say so: %s", async (fails, message) => {
    await expect(all(loaded({ length: 12, fails }))).rejects.toThrow(message);
  });

  it("say so: modules that are not there, or do something else", async () => {
    const other = (path: string) => all(loaded({ length: 12 }, { start: new URL(path, import.meta.url) }));
    await expect(other("./workers/missing.ts")).rejects.toThrow(/worker 0: it could not start: .*missing\.ts/);
    await expect(other("./workers/scenario.ts")).rejects.toThrow(/ended with code 0, before it called serveBatches/);
    const start = (): never => {
      throw new Error("forbidden");
    };
    await expect(all(loaded({ length: 12 }, { start }))).rejects.toThrow(/could not start: forbidden/);
  });

  it("say so: a collate whose batches cannot be sent", async () => {
    const scenario: Scenario = { length: 12, collate: "function" };
    const workers = { count: 1, start: itemsModule, data: scenario };
    const batches = loader(itemsOf(scenario), { batchSize: 4, transform: noisy, collate: notPlain, workers });
    closers.push(() => batches.close());
    await expect(all(batches)).rejects.toThrow(/a batch cannot leave its worker: .*could not be cloned/);
  });

  it("options that are none are refused when the loader is made", () => {
    const made = (workers: unknown, more: object = {}) =>
      loader(itemsOf({ length: 4 }), { batchSize: 4, ...more, workers: workers as LoaderWorkers });
    expect(() => made(2)).toThrow(
      /workers is 2: a dataset cannot be sent to another thread\. Remedy: pass workers: \{ count: 2, start: new URL/,
    );
    expect(() => made({ count: 1.5, start: itemsModule })).toThrow(
      /workers\.count 1\.5 is not a whole number from 0 to 256/,
    );
    expect(() => made({ count: 1 })).toThrow(/workers\.start is undefined/);
    expect(() => made({ count: 0, start: itemsModule }, { broken: "drop" })).toThrow(/broken is drop/);
    expect(() => [...made({ count: 1, start: itemsModule })]).toThrow(/batches of workers must be waited for/);
  });
});

describe("statistics", () => {
  /** Time that passes where the test says so. */
  function clock(): { pass(milliseconds: number): void } {
    let now = 1000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    return { pass: (milliseconds) => void (now += milliseconds) };
  }

  it("say that the loader is the limit where batches are waited for, and the backend where the loader waits", () => {
    const time = clock();
    for (const [made, used, limit] of [
      [30, 10, "loader"],
      [10, 30, "backend"],
    ] as const) {
      const dataset = {
        length: 8,
        get(index: number) {
          if (index === 3) throw new Error("broken");
          time.pass(made / 2);
          return { x: Float32Array.of(index), y: 0 };
        },
      };
      const batches = loader(dataset, { batchSize: 2, broken: "skip" });
      expect(batches.statistics).toMatchObject({ batches: 0, items: 0, limit: undefined, restarts: 0 });
      for (const batch of batches) {
        expect(batch.x.shape[1]).toBe(1);
        time.pass(used);
      }
      expect(batches.statistics).toMatchObject({
        batches: 4,
        items: 7,
        starting: made,
        waitedForBatches: 2.5 * made,
        used: 4 * used,
        waitedForRoom: 4 * used,
        itemsPerSecond: (1000 * 5) / (2.5 * made + 4 * used),
        limit,
        skipped: {
          count: 1,
          samples: [{ index: 3, epoch: 0, message: expect.stringContaining("sample 3") as string }],
        },
      });
    }
  });

  it("are of workers on average", () => {
    const time = clock();
    const meter = new Meter(2);
    const batch = { items: 4, skipped: [] };
    meter.begins();
    meter.begins();
    time.pass(50);
    meter.ends();
    meter.gives(batch, 50, true);
    meter.iterationBegins();
    time.pass(10); // one of two stands still
    meter.ends();
    time.pass(10); // both do
    meter.gives(batch, 0, false);
    meter.iterationEnds();
    time.pass(1000);
    expect(meter.statistics).toMatchObject({ batches: 2, starting: 50, waitedForRoom: 15, limit: "backend" });
  });
});
