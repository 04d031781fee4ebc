// The threads and the memory they share. A program is a list of kernel calls; the pool runs one at a time, on the caller and the workers.
import { BackendError } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import { Arena } from "../memory/arena.ts";
import { maximumPages, ModuleBuilder } from "../wasm/assembler.ts";
import { control, moduleHeader, reservedBytes, tableSize } from "./layout.ts";
import { emitScheduler, schedulerResult } from "./scheduler.ts";
import { callerMayBlock, startThread, type Thread } from "./workers.ts";

const initialPages = 16;

export class Pool {
  readonly arena: Arena;
  readonly threads: number;
  readonly shared: boolean;
  readonly lost: Promise<string>;
  readonly #lose: (reason: string) => void;
  #lostReason: string | undefined;
  readonly #run: (program: number, records: number, scratch: number) => unknown;
  readonly #table: WebAssembly.Table = new WebAssembly.Table({ element: "anyfunc", initial: tableSize });
  readonly #workers: Thread[] = [];
  readonly #kernels = new Map<string, number>();
  #lastLink: number = control.modules;
  #scratchBytes = 0;
  readonly #callerComputes: boolean;

  /** `threads` counts the caller where it may block. More than one needs shared memory. */
  constructor(threads: number, shared: boolean) {
    let resolveLost: (reason: string) => void = () => {};
    this.lost = new Promise((resolve) => (resolveLost = resolve));
    this.#lose = (reason) => {
      this.#lostReason ??= reason;
      resolveLost(reason);
    };
    this.shared = shared;
    this.threads = shared ? threads : 1;
    this.#callerComputes = !shared || callerMayBlock();
    const memory = new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared });
    this.arena = new Arena(memory, reservedBytes);
    const scheduler = emitScheduler(shared);
    this.#run = this.#instantiate(scheduler, "run");
    const first = this.#callerComputes ? 1 : 0;
    for (let thread = first; thread < this.threads; thread++) this.#workers.push(startThread({ memory, scheduler, thread }, this.#lose));
  }

  /** The table indices of kernels, emitting and loading those that are new in one module. */
  load(kernels: readonly Kernel[]): number[] {
    const fresh = new Map<string, Kernel>();
    for (const kernel of kernels) if (!this.#kernels.has(kernel.key)) fresh.set(kernel.key, kernel);
    if (fresh.size > 0) {
      const module = new ModuleBuilder({ shared: this.shared });
      const firstKernel = this.#kernels.size;
      if (firstKernel + fresh.size > tableSize) throw new BackendError("backend-cpu", `more than ${tableSize} kernels`, "make a new backend; or batch inputs of fewer different shapes");
      for (const [index, kernel] of [...fresh.values()].entries()) kernel.emit(module, String(index));
      this.#publish(module.encode(), firstKernel);
      for (const key of fresh.keys()) this.#kernels.set(key, this.#kernels.size);
    }
    return kernels.map((kernel) => this.#kernels.get(kernel.key) ?? -1);
  }

  /** Makes sure that every thread has this much scratch memory. Not while a program runs. */
  reserveScratch(bytes: number): void {
    if (bytes <= this.#scratchBytes) return;
    const { arena } = this;
    if (this.#scratchBytes > 0) arena.free(at(arena.words, control.scratch));
    // An odd number of cache lines apart: the threads' blocks do not fall on the same sets of the cache.
    const stride = (Math.ceil(bytes / 64) | 1) * 64;
    const address = arena.allocate(stride * this.threads);
    Atomics.store(arena.words, control.scratch, address);
    Atomics.store(arena.words, control.scratchStride, stride);
    this.#scratchBytes = bytes;
  }

  /**
   * Runs the program of `records` records at `program` and returns when it is done. The records' counters must be 0.
   * @throws BackendError when a kernel failed or a thread is gone; the backend is lost then.
   */
  run(program: number, records: number): void {
    if (this.#lostReason !== undefined) throw new BackendError("backend-cpu", this.#lostReason, "make a new backend with cpu()");
    const { words } = this.arena;
    const workers = this.#workers.length > 0;
    if (workers) {
      words[control.records] = records;
      Atomics.store(words, control.program, program);
      Atomics.add(words, control.sequence, 1);
      Atomics.notify(words, control.sequence);
    }
    let result: unknown;
    try {
      result = this.#run(program, records, at(words, control.scratch));
    } catch (error) {
      Atomics.store(words, control.fault, 1);
      this.#lose(`a kernel failed: ${String(error)}`);
      throw error;
    } finally {
      if (workers) this.#waitUntilIdle();
    }
    if (result !== schedulerResult.complete) {
      this.#lose(result === schedulerResult.fault ? "a kernel failed in a worker thread" : "a worker thread stopped answering");
      throw new BackendError("backend-cpu", this.#lostReason ?? "lost", "make a new backend with cpu()");
    }
  }

  dispose(): void {
    for (const worker of this.#workers) worker.stop();
    this.#lostReason ??= "the backend was disposed of";
  }

  #waitUntilIdle(): void {
    const { words } = this.arena;
    Atomics.store(words, control.program, 0);
    for (let turn = 0, sleeps = 0; ; turn++) {
      const active = Atomics.load(words, control.active);
      if (active === 0) return;
      if (turn < 2000) continue;
      if (Atomics.wait(words, control.active, active, 100) === "timed-out" && ++sleeps > 3000) {
        this.#lose("a worker thread stopped answering");
        return;
      }
    }
  }

  #instantiate(bytes: Uint8Array<ArrayBuffer>, name: string): (...values: number[]) => unknown {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.arena.memory, table: this.#table } });
    const callable = exports[name];
    if (typeof callable !== "function") throw new Error(`the module has no function ${name}`);
    return (...values) => callable(...values) as unknown;
  }

  /** Instantiates kernels here, and leaves the bytes in memory for the workers: threads that sleep cannot be sent messages. */
  #publish(bytes: Uint8Array<ArrayBuffer>, firstKernel: number): void {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.arena.memory } });
    for (const [name, kernel] of Object.entries(exports)) if (typeof kernel === "function") this.#table.set(firstKernel + Number(name), kernel);
    if (this.#workers.length === 0) return;
    const header = this.arena.allocate(moduleHeader.words * 4 + bytes.length) / 4;
    const { words } = this.arena;
    words[header + moduleHeader.next] = 0;
    words[header + moduleHeader.length] = bytes.length;
    words[header + moduleHeader.firstKernel] = firstKernel;
    this.arena.bytes.set(bytes, (header + moduleHeader.words) * 4);
    Atomics.store(words, this.#lastLink, header);
    this.#lastLink = header + moduleHeader.next;
  }
}

function at(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}
