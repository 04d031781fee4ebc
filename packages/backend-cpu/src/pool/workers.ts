// Starting threads, in Node and in browsers, and noticing when one ends.
import { BackendError } from "@stria/core";
import { hasNodeThreads, nodeParallelism, nodeThread } from "#node-threads";
import { browserWorkerSource, type WorkerStart } from "./worker-source.ts";

/** A thread that was started. */
export interface Thread {
  /** Resolves when it has begun its work. @throws BackendError where it could not begin. */
  readonly ready: Promise<void>;
  post(message: Readonly<Record<string, unknown>>, transfer: ArrayBuffer[]): void;
  onMessage(receive: (message: Readonly<Record<string, unknown>>) => void): void;
  /** Whether Node's process lives on while this thread does. It does not at first. */
  keepProcess(keep: boolean): void;
  stop(): void;
}

/** Threads that this machine runs at once. */
export function availableThreads(): number {
  return nodeParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

/** Whether this is the thread of a page, which must neither sleep nor be busy for long. */
export function isPageThread(): boolean {
  return typeof globalThis.document !== "undefined" && !isNode();
}

export function isNode(): boolean {
  return typeof process !== "undefined" && typeof process.getBuiltinModule === "function";
}

/** Whether workers can be asked for here at all: a service worker has none. */
export function hasWorkers(): boolean {
  return typeof globalThis.Worker === "function" || hasNodeThreads();
}

/** Starts a worker. `died` is called once, with the reason, if it ends without being stopped. */
export function startThread(start: WorkerStart, died: (reason: string) => void): Thread {
  const life = new Life(died);
  try {
    return nodeThread(start, life) ?? browserThread(start, life);
  } catch (cause) {
    throw cannotStart(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function cannotStart(reason: string, cause?: unknown): BackendError {
  return new BackendError(
    "backend-cpu",
    `a worker could not be started: ${reason}`,
    "let the content security policy allow worker-src blob: and script-src 'wasm-unsafe-eval', or compute on the calling thread alone with cpu({ worker: false, threads: 1 })",
    { cause },
  );
}

/** @internal What both kinds of threads do with their first message, their messages after it, and their end. */
export class Life {
  readonly ready: Promise<void>;
  readonly #died: (reason: string) => void;
  #start: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #state: "starting" | "working" | "ended" = "starting";
  receive: (message: Readonly<Record<string, unknown>>) => void = () => {};

  constructor(died: (reason: string) => void) {
    this.#died = died;
    this.ready = new Promise((resolve, reject) => {
      this.#start = resolve;
      this.#fail = reject;
    });
    this.ready.catch(() => {}); // who needs it awaits it
  }

  message(data: unknown): void {
    if (!isRecord(data)) return;
    if (data["kind"] !== "ready") return this.receive(data);
    if (this.#state === "starting") this.#state = "working";
    this.#start();
  }

  end(reason: string): void {
    if (this.#state === "ended") return;
    this.#fail(cannotStart(reason));
    this.#state = "ended";
    this.#died(reason);
  }

  stop(): void {
    this.#state = "ended";
    this.#start();
  }
}

function browserThread(start: WorkerStart, life: Life): Thread {
  const url = URL.createObjectURL(new Blob([browserWorkerSource], { type: "text/javascript" }));
  const worker = new Worker(url, { name: `stria ${start.role}` });
  const lock = `stria ${Date.now()} ${Math.random()}`;
  worker.addEventListener("message", ({ data }) => life.message(data));
  worker.addEventListener("messageerror", () => life.end("a message of a worker thread could not be read"));
  worker.addEventListener("error", (event) => {
    event.preventDefault(); // it is reported by `lost` and by every read
    life.end(event.message ? `a worker thread failed: ${event.message}` : "the browser refused its script");
  });
  worker.postMessage({ start, lock }, []);
  void life.ready.then(
    () => globalThis.navigator.locks?.request(lock, () => life.end("a worker thread has ended")),
    () => {},
  );
  return {
    ready: life.ready,
    post: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (receive) => (life.receive = receive),
    keepProcess: () => {},
    stop() {
      life.stop();
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
