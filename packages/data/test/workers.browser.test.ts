// Loaders with Web Workers in an isolated page: batches lie in shared memory.
import { expect, it } from "vitest";
import { serveBatches } from "../src/workers/serve-batches.ts";
import { itemsOf } from "./workers/scenario.ts";
import { missingModule, sameBatches, survivedEnd } from "./workers/in-page.ts";

it("Web Workers make the batches that the page makes", async () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  await sameBatches();
});

it("a worker that ends is noticed, started anew, and its item left out", async () => {
  expect(await survivedEnd()).toEqual({ skipped: [6], restarts: 3 });
});

it("a module that cannot be loaded is an error", async () => {
  await expect(missingModule()).rejects.toThrow(
    /loader, worker 0: it could not start: its module could not be loaded, before it called serveBatches/,
  );
});

it("a page is no worker", () => {
  expect(() => serveBatches({ dataset: itemsOf({ length: 1 }) })).toThrow(/serveBatches: this is no worker/);
});
