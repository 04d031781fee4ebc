// The workers of a loader: started, given batches to make, and started anew where one ends by itself.
import { AttributeError, DisposedError, rootSeed, showAval } from "@stria/core";
import type { Meter } from "../statistics.ts";
import type { BatchRequest, FromWorker, Served, WorkerSettings } from "./messages.ts";
import type { LoaderWorkers } from "./options.ts";
import { errorFrom } from "./plain-error.ts";
import { Task } from "./task.ts";
import { startThread, type Thread } from "./threads.ts";
import { endedAt, LoaderWorkerError } from "./worker-error.ts";

/** Batches that a worker has at once: one in the making and one that follows without a pause. */
const mostTasks = 2;

/** A worker in its place. */
interface Member {
  readonly number: number;
  thread: Thread | undefined;
  ready: boolean;
  started: boolean;
  readonly tasks: Task[];
}

/** What all workers are told, and what they should serve. */
export interface PoolSettings {
  readonly workers: LoaderWorkers;
  readonly settings: Omit<WorkerSettings, "number" | "shared" | "lock" | "data" | "root">;
  readonly served: Served;
  readonly meter: Meter;
}

/** @throws AttributeError where the worker has other data than the loader */
function compare(found: Served, given: Served, worker: number): void {
  const differ = (what: string): AttributeError =>
    new AttributeError(
      "loader",
      `worker ${worker} ${what}`,
      "give serveBatches in the worker's module the dataset, transform and collate that the loader is given",
    );
  const items = ({ length }: Served): string => (length === undefined ? "a stream" : `${length} items`);
  if (found.length !== given.length) throw differ(`serves ${items(found)}, and the loader has ${items(given)}`);
  for (const part of ["transform", "collate"] as const)
    if (found[part] !== given[part])
      throw differ(`has ${found[part] ? "a" : "no"} ${part}, and the loader has ${given[part] ? "one" : "none"}`);
  for (const name of new Set([...Object.keys(found.fields), ...Object.keys(given.fields)])) {
    const [theirs, ours] = [found.fields[name], given.fields[name]].map((field) =>
      field
        ? `${showAval(field)}${field.numClasses === undefined ? "" : `, ${field.numClasses} classes`}`
        : "not stated",
    );
    if (theirs !== ours)
      throw differ(`has a dataset whose field ${name} is ${theirs}, and of the loader's it is ${ours}`);
  }
}

/** Whether this is a browser's page or worker that is not isolated. */
function isOpenPage(): boolean {
  return "crossOriginIsolated" in globalThis && !globalThis.crossOriginIsolated;
}

/** Locks are known by name to all pages of a site. */
let locks = 0;

export class Pool {
  readonly #settings: PoolSettings;
  readonly #members: readonly Member[];
  readonly #shared: boolean;
  readonly #slots: SharedArrayBuffer[] = [];
  #waiting: Task[] = [];
  #next = 0;
  #closed = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    // A page that is not isolated cannot send shared memory: what is made is transferred.
    this.#shared = typeof SharedArrayBuffer === "function" && !isOpenPage();
    this.#members = Array.from({ length: settings.workers.count }, (_, number) => ({
      number,
      thread: undefined,
      ready: false,
      started: false,
      tasks: [],
    }));
  }

  /** Whether it serves no more: it was closed, or its workers cannot serve. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A batch to be made, after those asked for before. */
  make(request: BatchRequest): Task {
    const task = new Task(this.#next++, request);
    if (this.#closed) task.reject(new DisposedError("loader", "its workers were stopped", "iterate it again"));
    else {
      this.#settings.meter.begins();
      this.#waiting.push(task);
      this.#dispatch();
    }
    return task;
  }

  /** Nobody waits for these batches any more. */
  abandon(tasks: readonly Task[]): void {
    for (const task of tasks) {
      task.abandoned = true;
      // One that is made already lies in memory that others can use.
      void task.result.then((batch) => this.release(batch?.slot)).catch(() => undefined);
    }
    const left = this.#waiting.filter(({ abandoned }) => abandoned);
    this.#waiting = this.#waiting.filter(({ abandoned }) => !abandoned);
    for (const task of left) this.#settle(() => task.resolve(undefined));
    this.#keepProcess();
  }

  /** An iteration through a stream is over. */
  leave(pass: number): void {
    for (const { thread, ready } of this.#members) if (ready) thread?.post({ loader: true, kind: "leave", pass });
  }

  /** Memory that was read and can be used again. */
  release(slot: SharedArrayBuffer | undefined): void {
    if (slot) this.#slots.push(slot);
  }

  /** Stops all workers; batches that are asked for fail with `error`. */
  close(error: unknown = new DisposedError("loader", "it was closed", "iterate it again, and close it last")): void {
    if (this.#closed) return;
    this.#closed = true;
    const tasks = [...this.#waiting, ...this.#members.flatMap((member) => member.tasks)];
    this.#waiting = [];
    for (const member of this.#members) {
      member.thread?.stop();
      member.tasks.length = 0;
    }
    for (const task of tasks) this.#settle(() => task.reject(error));
  }

  #settle(settle: () => void): void {
    this.#settings.meter.ends();
    settle();
  }

  /** Gives what waits to the workers that have least to do. */
  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const [member] = this.#members.toSorted((a, b) => a.tasks.length - b.tasks.length || a.number - b.number);
      if (!member || member.tasks.length >= mostTasks) break;
      const task = this.#waiting.shift();
      if (!task) break;
      member.tasks.push(task);
      if (!member.thread) this.#start(member);
      else if (member.ready) this.#send(member, task);
      if (this.#closed) return;
    }
    this.#keepProcess();
  }

  #send({ thread }: Member, task: Task): void {
    thread?.post({ loader: true, kind: "make", job: task.job(this.#shared ? this.#slots.pop() : undefined) });
  }

  #keepProcess(): void {
    for (const { thread, tasks } of this.#members) thread?.keepProcess(tasks.length > 0);
  }

  #start(member: Member): void {
    const { workers, settings, meter } = this.#settings;
    const { number } = member;
    if (member.started) meter.restarts();
    member.started = true;
    const lock = `stria loader ${Date.now()} ${Math.random()} ${locks++}`;
    try {
      const thread = startThread(workers.start, {
        received: (message) => {
          if (message.kind === "hello")
            thread.post({
              loader: true,
              kind: "start",
              settings: { ...settings, number, shared: this.#shared, data: workers.data, lock, root: rootSeed() },
            });
          else if (message.kind === "ready") thread.watch(lock);
          this.#received(member, message);
        },
        died: (reason) => this.#died(member, reason),
      });
      member.thread = thread;
    } catch (cause) {
      this.#cannotServe(member, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  #cannotServe({ number }: Member, reason: string, cause?: unknown): void {
    this.close(
      new LoaderWorkerError(
        number,
        `it could not start: ${reason}`,
        "let workers.start name a module that calls serveBatches, or start a Worker that runs one (a page's policy must allow it: worker-src); workers: { count: 0 } makes the batches where they are used",
        undefined,
        cause === undefined ? {} : { cause },
      ),
    );
  }

  #received(member: Member, message: FromWorker): void {
    if (message.kind === "hello") return;
    if (message.kind === "ready") {
      try {
        compare(message.served, this.#settings.served, member.number);
      } catch (error) {
        return this.close(error);
      }
      member.ready = true;
      for (const task of member.tasks) this.#send(member, task);
      return;
    }
    const { id } = message;
    if (message.kind === "failed" && id === undefined) {
      const cause = errorFrom(message.error);
      return this.#cannotServe(member, cause instanceof Error ? cause.message : String(cause), cause);
    }
    const place = member.tasks.findIndex((candidate) => candidate.id === id);
    const task = member.tasks[place];
    if (!task) return;
    if (message.kind === "begins") return task.begins(message);
    member.tasks.splice(place, 1);
    this.#settle(() => {
      if (message.kind === "failed") task.reject(errorFrom(message.error, member.number));
      else task.resolve(message.kind === "made" ? message.batch : undefined);
    });
    this.#dispatch();
  }

  #died(member: Member, reason: string): void {
    const { number, ready } = member;
    if (!ready) return this.#cannotServe(member, `${reason}, before it called serveBatches`);
    const [first, ...others] = member.tasks;
    member.tasks.length = 0;
    member.thread = undefined;
    member.ready = false;
    this.#waiting.unshift(...others.filter(({ abandoned }) => !abandoned));
    for (const task of others) if (task.abandoned) this.#settle(() => task.resolve(undefined));
    if (first) this.#afterDeath(first, number, reason);
    this.#dispatch();
  }

  /** What becomes of the batch that a worker was making when it ended. */
  #afterDeath(task: Task, worker: number, reason: string): void {
    if (task.abandoned) return this.#settle(() => task.resolve(undefined));
    const next = task.died();
    if (next === "again") this.#waiting.unshift(task);
    else if (next === "hopeless")
      this.#settle(() =>
        task.reject(
          new LoaderWorkerError(
            worker,
            `it ended again and again while it made a batch: ${reason}`,
            "see what ends it (memory, process.exit, a timer that throws); with workers: { count: 0 } it happens where it can be watched",
          ),
        ),
      );
    else if (this.#settings.settings.broken === "throw") this.#settle(() => task.reject(endedAt(worker, next, reason)));
    else {
      task.fatal.push({ ...next, reason });
      this.#waiting.unshift(task);
    }
  }
}
