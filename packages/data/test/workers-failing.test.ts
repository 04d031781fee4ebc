// What becomes of items that fail in a worker, and of workers that end.
import { AttributeError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { loader } from "../src/loader.ts";
import { SampleError } from "../src/sample-error.ts";
import { LoaderWorkerError } from "../src/workers/worker-error.ts";
import { all, closers, counting, loaded, streamModule } from "./workers/loaded.ts";
import { noisy, type Scenario, streamOf } from "./workers/scenario.ts";

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
