// Programs over memory that this thread reaches. They run one at a time, in order: on the caller and the workers where the caller may sleep, else on
// the workers alone, while the caller goes on.
import type { DType, TypedArray } from "@stria/core";
import { Arena } from "../memory/arena.ts";
import { LocalMemory } from "../memory/local-memory.ts";
import { instantiate } from "../wasm/instance.ts";
import type { Fate } from "./fate.ts";
import { control, firstTableSize, record, reservedBytes } from "./layout.ts";
import { ModuleList } from "./module-list.ts";
import type { Lasting, Place, Run, Ticket } from "./place.ts";
import { emitScheduler, schedulerResult } from "./scheduler.ts";
import { wordChange } from "./wait.ts";
import { startThread, type Thread } from "./workers.ts";

/** Looks at a word before this thread sleeps. */
const spins = 2000;
/** Sleeps of 100 ms without an answer before threads are given up: five minutes. */
const patience = 3000;

export interface LocalOptions {
  /** Counts the caller where it computes. More than one needs shared memory. */
  readonly threads: number;
  readonly shared: boolean;
  /** Whether the caller computes. */
  readonly inline: boolean;
  /** Pages of memory at most, where it is less than all. */
  readonly maximumPages?: number;
}

export class LocalPlace implements Place {
  readonly arena: Arena;
  readonly threads: number;
  readonly shared: boolean;
  readonly inline: boolean;
  readonly memory: LocalMemory;
  /** Threads beside the caller. */
  readonly #helpers: number;
  readonly #fate: Fate;
  readonly #table: WebAssembly.Table = new WebAssembly.Table({ element: "anyfunc", initial: firstTableSize });
  readonly #schedule: (...words: readonly number[]) => unknown;
  readonly #scheduleAlone: (...words: readonly number[]) => unknown;
  readonly #modules: ModuleList;
  /** Starts a worker for each of the other threads. */
  readonly #startWorkers: () => Thread[];
  #workers: readonly Thread[] = [];
  /** Programs that ran with others, and how many had when no worker was in any. */
  #launches = 0;
  #idleAfter = 0;
  /** Resolves when all programs so far are done; never rejects. Undefined when none is on its way. */
  #pending: Promise<void> | undefined;

  constructor({ threads, shared, inline, maximumPages }: LocalOptions, fate: Fate) {
    this.threads = threads;
    this.shared = shared;
    this.inline = inline;
    this.#fate = fate;
    this.memory = new LocalMemory(shared, maximumPages);
    this.arena = new Arena(reservedBytes, (end) => this.memory.grow(end));
    const { memory } = this.memory;
    const scheduler = emitScheduler(shared, threads === 1 && inline);
    const instance = inline ? instantiate(scheduler, { memory, table: this.#table }) : undefined;
    const none = (): void => {};
    this.#scheduleAlone = instance?.function("runAlone") ?? none;
    this.#schedule = threads === 1 ? this.#scheduleAlone : (instance?.function("run") ?? none);
    const numbers = Array.from({ length: threads }, (_, thread) => thread).slice(inline ? 1 : 0);
    this.#helpers = numbers.length;
    this.#modules = new ModuleList(this.memory, this.arena, numbers);
    const died = (reason: string): void => this.#lose(reason);
    this.#startWorkers = () =>
      numbers.map((thread) => startThread({ role: "thread", memory, scheduler, thread }, died));
  }

  async begin(): Promise<void> {
    this.#begin();
    await Promise.all(this.#workers.map((worker) => worker.ready));
  }

  #begin(): void {
    if (this.#workers.length === 0) this.#workers = this.#startWorkers();
  }

  publish(module: Uint8Array<ArrayBuffer>): void {
    if (this.inline)
      for (const [name, kernel] of instantiate(module, { memory: this.memory.memory }).functions) {
        const { length } = this.#table;
        if (Number(name) >= length) this.#table.grow(Math.max(Number(name) + 1 - length, length));
        this.#table.set(Number(name), kernel);
      }
    if (this.#helpers > 0) this.#modules.add(module);
  }

  write(address: number, data: TypedArray): Ticket {
    this.memory.write(address, data);
    return 0;
  }

  async read(address: number, dtype: DType, length: number): Promise<TypedArray> {
    await this.#pending;
    this.#fate.check();
    return this.memory.read(address, dtype, length);
  }

  run(run: Run, done: () => void): Ticket {
    if (this.inline || this.#fate.isLost) {
      try {
        this.#fate.check();
        const workers = this.#helpers > 0 && (!run.alone || this.#modules.isLong);
        if (workers) this.#begin();
        if (workers && run.lasting) this.#waitFor(run.lasting);
        if (run.words) this.memory.write(run.address, run.words);
        else if (workers) this.#reset(run);
        this.#runHere(run, workers);
      } finally {
        done();
      }
      return 0;
    }
    if (run.words) this.memory.write(run.address, run.words);
    if (!this.#pending) this.#stayAwake(true);
    const mine = this.#afterwards(this.#pending, run, done);
    this.#pending = mine;
    void mine.then(() => {
      if (this.#pending !== mine) return;
      this.#pending = undefined;
      this.#stayAwake(false);
    });
    return 0;
  }

  afterPrograms(action: () => void): void {
    if (this.#pending) void this.#pending.then(action);
    else action();
  }

  stop(): void {
    for (const worker of this.#workers) worker.stop();
  }

  #lose(reason: string): void {
    // Who waits in a program for a thread that is gone is told so.
    if (this.shared) Atomics.store(this.memory.words, control.fault, 1);
    this.#fate.lose(reason);
    this.stop();
  }

  /** A process in which only workers compute may not end before they have. */
  #stayAwake(awake: boolean): void {
    for (const worker of this.#workers) worker.keepProcess(awake);
  }

  /** Starts the counters of a program that has run before. */
  #reset({ address, records }: Run): void {
    const { words } = this.memory;
    for (let entry = address / 4, index = 0; index < records; index++, entry += record.bytes / 4)
      words[entry + record.next / 4] = words[entry + record.done / 4] = 0;
  }

  /** Wakes the workers; returns the program's sequence number. */
  #wake({ address, records, scratch, scratchStride }: Run): number {
    const { words } = this.memory;
    Atomics.store(words, control.scratch, scratch);
    Atomics.store(words, control.scratchStride, scratchStride);
    Atomics.store(words, control.records, records);
    Atomics.store(words, control.program, address);
    const sequence = Atomics.add(words, control.sequence, 1) + 1;
    Atomics.notify(words, control.sequence);
    return sequence;
  }

  #runHere(run: Run, workers: boolean): void {
    if (workers) {
      this.#wake(run);
      this.#launches++;
      if (run.lasting) run.lasting.launched = this.#launches;
    }
    let result: unknown;
    try {
      result = (workers ? this.#schedule : this.#scheduleAlone)(run.address, run.records, run.scratch);
    } catch (error) {
      this.#lose(`a kernel failed: ${String(error)}`);
      throw error;
    } finally {
      // Who comes late finds no program, or is in one that is done.
      if (workers) Atomics.store(this.memory.words, control.program, 0);
      if (!run.lasting) this.waitUntilIdle();
    }
    if (result === schedulerResult.complete) return;
    this.#lose(
      result === schedulerResult.fault ? "a kernel failed in a worker thread" : "a worker thread stopped answering",
    );
    this.#fate.check();
  }

  /** Returns when no worker is in the last run of these words. */
  #waitFor({ launched }: Lasting): void {
    if (Atomics.load(this.memory.words, control.active) === 0) this.#idleAfter = this.#launches;
    else if (launched > this.#idleAfter) this.waitUntilIdle();
  }

  waitUntilIdle(): void {
    if (!this.inline || this.#workers.length === 0) return;
    const { words } = this.memory;
    for (let turn = 0, sleeps = 0; !this.#fate.isLost; turn++) {
      const active = Atomics.load(words, control.active);
      if (active === 0) {
        this.#idleAfter = this.#launches;
        return;
      }
      if (turn < spins) continue;
      if (Atomics.wait(words, control.active, active, 100) === "timed-out" && ++sleeps > patience)
        return this.#lose("a worker thread stopped answering");
    }
  }

  async #afterwards(before: Promise<void> | undefined, run: Run, done: () => void): Promise<void> {
    await before;
    try {
      if (!this.#fate.isLost) await this.#runElsewhere(run);
    } catch (error) {
      this.#lose(String(error));
    } finally {
      done();
    }
  }

  async #runElsewhere(run: Run): Promise<void> {
    const { words } = this.memory;
    const sequence = this.#wake(run);
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
    const { words } = this.memory;
    for (let word = missing(); word; word = missing()) {
      if (Atomics.load(words, control.fault) !== 0) this.#lose("a kernel failed in a worker thread");
      if (this.#fate.isLost) return;
      await wordChange(words, word[0], word[1], 100);
    }
  }
}
