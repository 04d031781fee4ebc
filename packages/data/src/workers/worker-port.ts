// The worker's side of the line to the loader, in Node and in browsers.
import { AttributeError } from "@stria/core";
import type * as WorkerThreads from "node:worker_threads";
import { type FromWorker, isToWorker, type ToWorker } from "./messages.ts";

/** How a worker talks to its loader. */
export interface WorkerPort {
  post(message: FromWorker, transfer: ArrayBuffer[]): void;
  /** From now on messages are received; in Node the worker lives on for them. */
  listen(receive: (message: ToWorker) => void): void;
  /** Holds a lock until the worker ends. Resolves when it has it, or there are no locks. */
  hold(lock: string): Promise<void>;
}

/** Asked for at run time, so that a bundle for browsers holds no import of Node's modules. */
export function workerThreads(): typeof WorkerThreads | undefined {
  return typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:worker_threads");
}

/** @throws AttributeError where this is no worker */
export function workerPort(): WorkerPort {
  const parent = workerThreads()?.parentPort;
  if (parent)
    return {
      post: (message, transfer) => parent.postMessage(message, transfer),
      listen: (receive) =>
        parent.on("message", (message: unknown) => {
          if (isToWorker(message)) receive(message);
        }),
      hold: async () => {},
    };
  if (workerThreads() || typeof globalThis.document !== "undefined" || typeof globalThis.postMessage !== "function")
    throw new AttributeError(
      "serveBatches",
      "this is no worker",
      "call it in a module of its own, which only the loader's workers run: workers: { count, start: new URL(...) }",
    );
  return {
    post: (message, transfer) => globalThis.postMessage(message, { transfer }),
    listen: (receive) =>
      globalThis.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
        if (isToWorker(data)) receive(data);
      }),
    hold: (lock) =>
      new Promise((resolve) => {
        const { locks } = globalThis.navigator;
        if (!locks) return resolve();
        const held = new Promise<never>(() => {});
        void locks.request(lock, () => {
          resolve();
          return held;
        });
      }),
  };
}
