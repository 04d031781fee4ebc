// What a loader is told about its workers.
import { AttributeError } from "@stria/core";

/** A worker as browsers (`Worker`) and Node (`Worker` of `node:worker_threads`) have it. */
export interface LoaderWorker {
  /** Sends a message to it. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/**
 * Threads that read, transform and collate for a loader. A closure cannot be sent to another thread, so the worker has a module of its own, which calls
 * `serveBatches` with the same dataset and transform.
 */
export interface LoaderWorkers {
  /** How many. 0 makes the batches where they are used, as without `workers`; they are the same to the bit whatever the number. */
  readonly count: number;
  /**
   * The worker's module: its address, `new URL("./dataset.worker.ts", import.meta.url)`, in Node (which runs TypeScript itself from version 22.18 on) and
   * in pages without a bundler; or a function that starts it, which bundlers understand:
   * `() => new Worker(new URL("./dataset.worker.ts", import.meta.url), { type: "module" })`.
   */
  readonly start: URL | (() => LoaderWorker);
  /** For the function that the module gives to `serveBatches`: paths, options. Cloned; `SharedArrayBuffer`s in it are shared. */
  readonly data?: unknown;
}

/** Threads have their price. */
const mostWorkers = 256;

/** @throws AttributeError for a number that is none, or a way to start that is none */
export function checkWorkers(workers: LoaderWorkers): void {
  const given: unknown = workers;
  const remedy =
    'pass workers: { count: 2, start: new URL("./dataset.worker.ts", import.meta.url) }, where that module calls serveBatches({ dataset, transform })';
  if (typeof given !== "object" || given === null)
    throw new AttributeError(
      "loader",
      `workers is ${String(given)}: a dataset cannot be sent to another thread`,
      remedy,
    );
  const { count, start } = workers;
  if (!Number.isInteger(count) || count < 0 || count > mostWorkers)
    throw new AttributeError(
      "loader",
      `workers.count ${String(count)} is not a whole number from 0 to ${mostWorkers}`,
      remedy,
    );
  if (!(start instanceof URL) && typeof start !== "function")
    throw new AttributeError("loader", `workers.start is ${typeof start}`, remedy);
}
