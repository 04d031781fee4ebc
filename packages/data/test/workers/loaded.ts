// Loaders with workers in Node, closed after each test; what makes their batches comparable.
import { isTensor } from "@stria/core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, vi } from "vitest";
import { loader, type LoaderOptions } from "../../src/loader.ts";
import type { LoaderWorkers } from "../../src/workers/options.ts";
import { type Item, itemsOf, noisy, type Scenario } from "./scenario.ts";

export const itemsModule = new URL("./items.worker.ts", import.meta.url);
export const streamModule = new URL("./stream.worker.ts", import.meta.url);

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
export async function all(batches: AsyncIterable<unknown>): Promise<unknown[]> {
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

export const closers: (() => void)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const close of closers.splice(0)) close();
  vi.unstubAllGlobals();
});

type Options = Partial<LoaderOptions<Item>> & { readonly count?: number; readonly start?: LoaderWorkers["start"] };

/** A loader of the scenario's items with so many workers. */
export function loaded(scenario: Scenario, { count = 1, start = itemsModule, ...options }: Options = {}) {
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
export const counting = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));
