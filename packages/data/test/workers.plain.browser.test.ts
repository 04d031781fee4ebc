// Loaders with Web Workers in a page that is not isolated, as most are: batches are transferred.
import { expect, it } from "vitest";
import { sameBatches, survivedEnd } from "./workers/in-page.ts";

it("Web Workers make the batches that the page makes", async () => {
  expect(globalThis.crossOriginIsolated).toBe(false);
  await sameBatches();
});

it("a worker that ends is noticed, started anew, and its item left out", async () => {
  expect(await survivedEnd()).toEqual({ skipped: [6], restarts: 3 });
});
