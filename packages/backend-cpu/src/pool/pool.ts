// The threads and the memory they share. Programs run one at a time, in order: on the caller and the workers where the caller may sleep, else on the
// workers alone, while the caller goes on.
import { BackendError } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import { Arena } from "../memory/arena.ts";
import { instantiateFunction } from "../wasm/instance.ts";
import { maximumPages } from "../wasm/assembler.ts";
import { KernelLibrary } from "./kernels.ts";
import { control, reservedBytes } from "./layout.ts";
import { emitScheduler, schedulerResult } from "./scheduler.ts";
import { wordChange } from "./wait.ts";
import { callerMayBlock, startThread, type Thread } from "./workers.ts";

/** A program in memory, ready to run once: the counters in its records are 0. */
export interface Launch {
  readonly program: number;
  readonly records: number;
  readonly scratchBytes: number;
}

const initialPages = 16;
/** Looks at a word before this thread sleeps. */
const spins = 2000;
/** Sleeps of 100 ms without an answer before threads are given up: five minutes. */
const patience = 3000;

export class Pool {
  readonly arena: Arena;
  readonly threads: number;
  readonly lost: Promise<string>;
  readonly #inline: boolean;
  readonly #library: KernelLibrary;
  readonly #workers: Thread[] = [];
  readonly #run: ((...words: readonly number[]) => unknown) | undefined;
  readonly #lose: (reason: string) => void;
  #lostReason: string | undefined;
  #scratchBytes = 0;
  /** Resolves when all programs so far are done; never rejects. Undefined when none is on its way. */
  #pending: Promise<void> | undefined;

  /** `threads` counts the caller where it computes. More than one needs shared memory. */
  constructor(threads: number, shared: boolean) {
    let resolveLost: (reason: string) => void = () => {};
    this.lost = new Promise((resolve) => (resolveLost = resolve));
    this.#lose = (reason) => {
      this.#lostReason ??= reason;
      resolveLost(reason);
    };
    this.threads = shared ? threads : 1;
    this.#inline = !shared || callerMayBlock();
    const memory = new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared });
    this.arena = new Arena(memory, reservedBytes);
    const workers = Array.from({ length: this.threads }, (_, thread) => thread).slice(this.#inline ? 1 : 0);
    this.#library = new KernelLibrary(this.arena, { shared, here: this.#inline, workers });
    const scheduler = emitScheduler(shared);
    if (this.#inline) this.#run = instantiateFunction(scheduler, "run", { memory, table: this.#library.table });
    for (const thread of workers) this.#workers.push(startThread({ memory, scheduler, thread }, this.#lose));
  }

  /** The numbers by which programs call kernels, until they are released. */
  load(kernels: readonly Kernel[]): number[] {
    return this.#library.load(kernels);
  }

  release(kernels: readonly Kernel[]): void {
    this.afterPrograms(() => this.#library.release(kernels));
  }

  /**
   * Runs a program, now or after those before it; `done` is called when it has ended, also when it failed.
   * @throws BackendError when a kernel failed or a thread is gone; the backend is lost then.
   */
  launch(launch: Launch, done: () => void): void {
    if (this.#inline) {
      try {
        this.#check();
        this.#runHere(launch);
      } finally {
        done();
      }
      return;
    }
    const mine = this.#afterwards(this.#pending, launch, done);
    this.#pending = mine;
    void mine.then(() => {
      if (this.#pending === mine) this.#pending = undefined;
    });
  }

  /** Calls `action` when no program that was launched before is running any more. */
  afterPrograms(action: () => void): void {
    if (this.#pending) void this.#pending.then(action);
    else action();
  }

  /** Waits for all programs so far. @throws BackendError when the backend is lost. */
  async settled(): Promise<void> {
    await this.#pending;
    this.#check();
  }

  dispose(): void {
    this.#lostReason ??= "the backend was disposed of";
    for (const worker of this.#workers) worker.stop();
  }

  #check(): void {
    if (this.#lostReason !== undefined)
      throw new BackendError("backend-cpu", this.#lostReason, "make a new backend with cpu()");
  }

  /** Makes sure that every thread has this much scratch memory. Not while a program runs. */
  #reserveScratch(bytes: number): void {
    if (bytes <= this.#scratchBytes) return;
    const { arena } = this;
    if (this.#scratchBytes > 0) arena.free(Atomics.load(arena.words, control.scratch) >>> 0);
    // An odd number of cache lines apart: the threads' blocks do not fall on the same sets of the cache.
    const stride = (Math.ceil(bytes / 64) | 1) * 64;
    const address = arena.allocate(stride * this.threads);
    Atomics.store(arena.words, control.scratch, address);
    Atomics.store(arena.words, control.scratchStride, stride);
    this.#scratchBytes = bytes;
  }

  /** Wakes the workers; returns the program's sequence number. */
  #wake({ program, records }: Launch): number {
    const { words } = this.arena;
    Atomics.store(words, control.records, records);
    Atomics.store(words, control.program, program);
    const sequence = Atomics.add(words, control.sequence, 1) + 1;
    Atomics.notify(words, control.sequence);
    return sequence;
  }

  #runHere(launch: Launch): void {
    this.#reserveScratch(launch.scratchBytes);
    const { words } = this.arena;
    const workers = this.#workers.length > 0;
    if (workers) this.#wake(launch);
    let result: unknown;
    try {
      result = this.#run?.(launch.program, launch.records, Atomics.load(words, control.scratch));
    } catch (error) {
      Atomics.store(words, control.fault, 1);
      this.#lose(`a kernel failed: ${String(error)}`);
      throw error;
    } finally {
      if (workers) this.#waitUntilIdle();
    }
    if (result !== schedulerResult.complete) {
      this.#lose(
        result === schedulerResult.fault ? "a kernel failed in a worker thread" : "a worker thread stopped answering",
      );
      this.#check();
    }
  }

  /** Until no worker is inside the program, its memory may not be used for anything else. */
  #waitUntilIdle(): void {
    const { words } = this.arena;
    Atomics.store(words, control.program, 0);
    for (let turn = 0, sleeps = 0; ; turn++) {
      const active = Atomics.load(words, control.active);
      if (active === 0) return;
      if (turn < spins) continue;
      if (Atomics.wait(words, control.active, active, 100) === "timed-out" && ++sleeps > patience)
        return this.#lose("a worker thread stopped answering");
    }
  }

  async #afterwards(before: Promise<void> | undefined, launch: Launch, done: () => void): Promise<void> {
    await before;
    try {
      if (this.#lostReason === undefined) await this.#runElsewhere(launch);
    } catch (error) {
      this.#lose(String(error));
    } finally {
      done();
    }
  }

  async #runElsewhere(launch: Launch): Promise<void> {
    this.#reserveScratch(launch.scratchBytes);
    const { words } = this.arena;
    const sequence = this.#wake(launch);
    await this.#until(() => {
      const finished = Atomics.load(words, control.finished);
      return finished === sequence ? undefined : [control.finished, finished];
    });
    Atomics.store(words, control.program, 0);
    await this.#until(() => {
      const active = Atomics.load(words, control.active);
      return active === 0 ? undefined : [control.active, active];
    });
  }

  /** Waits while `missing` names a word that has to change. Long programs are no fault: only a dead or faulty worker is. */
  async #until(missing: () => readonly [index: number, value: number] | undefined): Promise<void> {
    const { words } = this.arena;
    for (let word = missing(); word; word = missing()) {
      if (Atomics.load(words, control.fault) !== 0) this.#lose("a kernel failed in a worker thread");
      if (this.#lostReason !== undefined) return;
      await wordChange(words, word[0], word[1], 100);
    }
  }
}
