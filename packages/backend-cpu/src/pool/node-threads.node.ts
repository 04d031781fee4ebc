// Threads by node:worker_threads. What is for other hosts stands in node-threads.browser.ts: pages fetch none of this.
import type * as Os from "node:os";
import type * as WorkerThreads from "node:worker_threads";
import { workerRoles, type WorkerStart } from "./worker-source.ts";
import type { Life, Thread } from "./workers.ts";

/** Threads that the machine runs at once, where this is Node. */
export function nodeParallelism(): number | undefined {
  return nodeModule("node:os")?.availableParallelism();
}

/** Whether Node's workers can be asked for. */
export function hasNodeThreads(): boolean {
  return nodeModule("node:worker_threads") !== undefined;
}

/** Starts a worker of Node's, where there are any. */
export function nodeThread(start: WorkerStart, life: Life): Thread | undefined {
  const threads = nodeModule("node:worker_threads");
  if (!threads) return undefined;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const worker = new threads.Worker(url, { workerData: start, execArgv: [], env: {} });
  worker.on("message", (message: unknown) => life.message(message));
  worker.unref();
  worker.on("error", (error: unknown) =>
    life.end(`a worker thread failed: ${error instanceof Error ? error.message : String(error)}`),
  );
  worker.on("exit", (code) => life.end(`a worker thread ended with code ${code}`));
  return {
    ready: life.ready,
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (receive) => (life.receive = receive),
    keepProcess: (keep) => (keep ? worker.ref() : worker.unref()),
    stop() {
      life.stop();
      void worker.terminate();
    },
  };
}

const source = `import { parentPort, workerData } from "node:worker_threads";
${workerRoles}
roles[workerData.role](workerData, {
  post: (message, transfer) => parentPort.postMessage(message, transfer),
  receive: (act) => parentPort.on("message", act),
});
`;

// Asked for at run time, so that what bundles for Node and for browsers at once finds no import of Node's modules.
function nodeModule<Name extends "node:os" | "node:worker_threads">(name: Name): NodeModules[Name] | undefined {
  return typeof process === "undefined" ? undefined : process.getBuiltinModule?.(name);
}

interface NodeModules {
  "node:os": typeof Os;
  "node:worker_threads": typeof WorkerThreads;
}
