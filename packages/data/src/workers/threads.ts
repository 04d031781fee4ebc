// Starting a loader's worker, in Node and in browsers, and noticing when it ends.
import type { Worker as NodeWorker } from "node:worker_threads";
import { type FromWorker, isFromWorker, type ToWorker } from "./messages.ts";
import type { LoaderWorker, LoaderWorkers } from "./options.ts";
import { untilHeard } from "./until-heard.ts";
import { workerThreads } from "./worker-port.ts";

/** A worker that was started. */
export interface Thread {
  post(message: ToWorker): void;
  /** Whether Node's process lives on while this worker does. */
  keepProcess(keep: boolean): void;
  /** Asks for the end to be noticed by the lock that the worker holds: a browser reports no other. */
  watch(lock: string): void;
  stop(): void;
}

/** What is told of a worker. */
export interface Listener {
  received(message: FromWorker): void;
  /** Once, if it ends without being stopped. */
  died(reason: string): void;
}

function isOfNode(worker: LoaderWorker): worker is NodeWorker {
  return "on" in worker && typeof worker.on === "function";
}

function isOfBrowser(worker: LoaderWorker): worker is Worker {
  return "addEventListener" in worker && typeof worker.addEventListener === "function";
}

function ofNode(worker: NodeWorker, { received, died }: Listener): Thread {
  worker.on("message", (message: unknown) => {
    if (isFromWorker(message)) received(message);
  });
  worker.on("messageerror", (error) => died(`a message of it could not be read: ${error.message}`));
  worker.on("error", (error: unknown) => died(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => died(`it ended with code ${code}`));
  return {
    post: (message) => worker.postMessage(message, []),
    keepProcess: (keep) => (keep ? worker.ref() : worker.unref()),
    watch: () => {},
    stop: () => void worker.terminate(),
  };
}

function ofBrowser(worker: Worker, { received, died }: Listener): Thread {
  const heard = untilHeard();
  worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (!isFromWorker(data)) return;
    heard();
    received(data);
  });
  worker.addEventListener("messageerror", () => died("a message of it could not be read"));
  worker.addEventListener("error", (event) => {
    event.preventDefault(); // it is thrown where the loader is iterated, or survived
    died(event.message || "its module could not be loaded");
  });
  return {
    post: (message) => worker.postMessage(message, []),
    keepProcess: () => {},
    watch: (lock) => void globalThis.navigator.locks?.request(lock, () => died("it ended")).catch(() => undefined),
    stop() {
      heard();
      worker.terminate();
    },
  };
}

function started(start: LoaderWorkers["start"]): LoaderWorker {
  if (typeof start === "function") return start();
  const threads = workerThreads();
  return threads ? new threads.Worker(start) : new Worker(start, { type: "module", name: "stria loader" });
}

/** Starts a worker. @throws what the worker's constructor or the user's function throws */
export function startThread(start: LoaderWorkers["start"], { received, died }: Listener): Thread {
  let over = false;
  const listener: Listener = {
    received: (message) => {
      if (!over) received(message);
    },
    died(reason) {
      if (over) return;
      over = true;
      thread.stop();
      died(reason);
    },
  };
  const worker = started(start);
  if (!isOfNode(worker) && !isOfBrowser(worker)) throw new TypeError("what was started is no Worker");
  const thread = isOfNode(worker) ? ofNode(worker, listener) : ofBrowser(worker, listener);
  return {
    ...thread,
    stop() {
      over = true;
      thread.stop();
    },
  };
}
