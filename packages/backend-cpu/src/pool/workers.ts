// Starting threads, in Node and in browsers.
import type * as Os from "node:os";
import type * as WorkerThreads from "node:worker_threads";
import { browserWorkerSource, nodeWorkerSource, type WorkerStart } from "./worker-source.ts";

/** A thread that was started. */
export interface Thread {
  stop(): void;
}

/** Threads that this machine runs at once. */
export function availableThreads(): number {
  const os = nodeModule("node:os");
  return os ? os.availableParallelism() : (globalThis.navigator?.hardwareConcurrency ?? 1);
}

/** Whether this thread may sleep until others are done. A browser forbids it to the thread of a page. */
export function callerMayBlock(): boolean {
  return typeof globalThis.document === "undefined";
}

/** Starts a worker thread. `died` is called once, with the reason, if it ends without being stopped. */
export function startThread(start: WorkerStart, died: (reason: string) => void): Thread {
  const threads = nodeModule("node:worker_threads");
  if (threads) {
    const url = new URL(`data:text/javascript,${encodeURIComponent(nodeWorkerSource)}`);
    const worker = new threads.Worker(url, { workerData: start, execArgv: [], env: {} });
    let stopped = false;
    worker.unref();
    worker.on("error", (error: unknown) => died(error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => {
      if (!stopped) died(`thread ${start.thread} ended with code ${code}`);
    });
    return {
      stop() {
        stopped = true;
        void worker.terminate();
      },
    };
  }
  const url = URL.createObjectURL(new Blob([browserWorkerSource], { type: "text/javascript" }));
  const worker = new Worker(url, { name: `stria ${start.thread}` });
  worker.addEventListener("error", (event) => died(event.message || `thread ${start.thread} ended`));
  worker.postMessage(start, []);
  return {
    stop() {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

// Asked for at run time, so that a bundle for browsers holds no import of Node's modules.
function nodeModule<Name extends "node:os" | "node:worker_threads">(name: Name): NodeModules[Name] | undefined {
  return typeof process === "undefined" ? undefined : process.getBuiltinModule?.(name);
}

interface NodeModules {
  "node:os": typeof Os;
  "node:worker_threads": typeof WorkerThreads;
}
