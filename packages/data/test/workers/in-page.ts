// What loaders with Web Workers do in a page, whether its memory can be shared or not.
import { expect } from "vitest";
import { loader } from "../../src/loader.ts";
import { itemsOf, noisy, type Scenario } from "./scenario.ts";

/** As bundlers understand it. */
const start = (): Worker => new Worker(new URL("./items.worker.ts", import.meta.url), { type: "module" });

async function numbers(
  batches: AsyncIterable<{ readonly x: { data(): Promise<ArrayLike<number>> }; readonly name: readonly string[] }>,
): Promise<unknown[]> {
  const kept = [];
  for await (const batch of batches) kept.push(batch);
  return Promise.all(kept.map(async ({ x, name }) => [Array.from(await x.data()), name]));
}

function loaded(scenario: Scenario, count: number, given: URL | (() => Worker) = start, broken?: "skip") {
  const workers = { count, start: given, data: scenario };
  return loader(itemsOf(scenario), {
    batchSize: 4,
    seed: 3,
    shuffle: true,
    transform: noisy,
    workers,
    ...(broken && { broken }),
  });
}

/** The same batches with workers as without, from a function and from an address, for two epochs. */
export async function sameBatches(): Promise<void> {
  const here = loaded({ length: 23 }, 0);
  const expected = [await numbers(here), await numbers(here)];
  expect(expected[0]?.length).toBe(6);
  const there = loaded({ length: 23 }, 2);
  expect([await numbers(there), await numbers(there)]).toEqual(expected);
  there.close();
  const byAddress = loaded({ length: 23 }, 1, new URL("./items.worker.ts", import.meta.url));
  expect(await numbers(byAddress)).toEqual(expected[0]);
  byAddress.close();
}

/** A worker ends whenever it makes item 6: what is left out, and how often it was started anew. */
export async function survivedEnd(): Promise<{ readonly skipped: readonly number[]; readonly restarts: number }> {
  const batches = loaded({ length: 12, ends: [6] }, 1, start, "skip");
  expect(await numbers(batches)).toEqual(await numbers(loaded({ length: 12, throws: [6] }, 0, start, "skip")));
  const { skipped, restarts } = batches.statistics;
  batches.close();
  return { skipped: skipped.samples.map(({ index }) => index), restarts };
}

/** A module that is not there. */
export function missingModule(): Promise<unknown> {
  return numbers(loaded({ length: 12 }, 1, new URL("./missing.js", import.meta.url)));
}
