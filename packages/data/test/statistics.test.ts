// Which side of a loader is waited for, by a clock of the test's.
import { afterEach, describe, expect, it, vi } from "vitest";
import { loader } from "../src/loader.ts";
import { Meter } from "../src/statistics.ts";

afterEach(() => void vi.restoreAllMocks());

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
