// Loaders with worker threads: the same batches whatever their number.
import { DisposedError, setSeed } from "@stria/core";
import { Worker } from "node:worker_threads";
import { describe, expect, it, vi } from "vitest";
import { loader } from "../src/loader.ts";
import type { LoaderWorkers } from "../src/workers/options.ts";
import { all, closers, counting, itemsModule, loaded, streamModule } from "./workers/loaded.ts";
import { type Item, itemsOf, type Means, means, noisy, notPlain, type Scenario, streamOf } from "./workers/scenario.ts";

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

  it("say so on the console, after ten silent seconds: those of a browser that never call serveBatches, and live on", async () => {
    // A browser's worker, as far as a loader sees one: in Node such a worker ends, and that is an error.
    class Idle extends EventTarget {
      postMessage(): void {}
      terminate(): void {}
    }
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    try {
      const silent = loaded({ length: 12 }, { start: () => new Idle() });
      const waiting = all(silent);
      await vi.advanceTimersByTimeAsync(9_999);
      expect(warn).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(warn).toHaveBeenCalledExactlyOnceWith(
        "Stria: a loader waits for its worker, which has not called serveBatches for 10 seconds. If its module is not still loading, let workers.start name one that calls it.",
      );
      silent.close();
      await expect(waiting).rejects.toThrow(DisposedError);
      // One that speaks, and one that is stopped before, leave nothing behind.
      const idle = new Idle();
      const stopped = loaded({ length: 12 }, { start: () => idle });
      const asked = all(stopped);
      await vi.advanceTimersByTimeAsync(0);
      idle.dispatchEvent(new MessageEvent("message", { data: { loader: true, kind: "hello" } }));
      await vi.advanceTimersByTimeAsync(60_000);
      stopped.close();
      await expect(asked).rejects.toThrow(DisposedError);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(warn).toHaveBeenCalledOnce();
    } finally {
      warn.mockRestore();
      vi.useRealTimers();
    }
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
