// The kernels that the threads of one pool have loaded: each is emitted once, instantiated here, and left in memory for the workers to find.
// Kernels that no program uses any more are kept for a while, since the next program may want them.
import { at, BackendError } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import type { Arena } from "../memory/arena.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { control, moduleHeader, tableSize } from "./layout.ts";

export interface LibraryOptions {
  readonly shared: boolean;
  /** Whether this thread calls kernels itself. */
  readonly here: boolean;
  /** The numbers of the worker threads. */
  readonly workers: readonly number[];
}

interface Entry {
  readonly index: number;
  users: number;
}

/** Unused kernels that are kept. */
const mostUnused = 2048;

export class KernelLibrary {
  readonly table: WebAssembly.Table = new WebAssembly.Table({ element: "anyfunc", initial: tableSize });
  readonly #arena: Arena;
  readonly #options: LibraryOptions;
  readonly #entries = new Map<string, Entry>();
  /** Keys of kernels that no program uses, the longest unused first. */
  readonly #unused = new Set<string>();
  readonly #freeIndices: number[] = [];
  #nextIndex = 0;
  /** Headers of modules that some worker may still have to read, and how many came before them. */
  readonly #modules: number[] = [];
  #forgotten = 0;
  #lastLink: number = control.modules;

  constructor(arena: Arena, options: LibraryOptions) {
    this.#arena = arena;
    this.#options = options;
  }

  /** The table indices of kernels, which the caller gives back with `release`. Those that are new are emitted, in one module. */
  load(kernels: readonly Kernel[]): number[] {
    const fresh = new Map<string, Kernel>();
    for (const kernel of kernels) if (!this.#entries.has(kernel.key)) fresh.set(kernel.key, kernel);
    if (fresh.size > 0) {
      const module = new ModuleBuilder({ shared: this.#options.shared });
      for (const [key, kernel] of fresh) {
        const entry = { index: this.#takeIndex(), users: 0 };
        this.#entries.set(key, entry);
        kernel.emit(module, String(entry.index));
      }
      this.#publish(module.encode());
    }
    return kernels.map(({ key }) => {
      const entry = this.#entry(key);
      if (entry.users++ === 0) this.#unused.delete(key);
      return entry.index;
    });
  }

  release(kernels: readonly Kernel[]): void {
    for (const { key } of kernels) if (--this.#entry(key).users === 0) this.#unused.add(key);
    for (const key of this.#unused) {
      if (this.#unused.size <= mostUnused) return;
      this.#unused.delete(key);
      const { index } = this.#entry(key);
      this.#entries.delete(key);
      this.#freeIndices.push(index);
    }
  }

  #entry(key: string): Entry {
    const entry = this.#entries.get(key);
    if (!entry) throw new RangeError(`no kernel ${key}`);
    return entry;
  }

  #takeIndex(): number {
    const free = this.#freeIndices.pop();
    if (free !== undefined) return free;
    if (this.#nextIndex === tableSize)
      throw new BackendError(
        "backend-cpu",
        `${tableSize} kernels are in use`,
        "dispose of compiled functions that are no longer needed",
      );
    return this.#nextIndex++;
  }

  /** Threads that sleep cannot be sent messages, so workers read the bytes from memory when they next run a program. */
  #publish(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#options.here) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        env: { memory: this.#arena.memory },
      });
      for (const [name, kernel] of Object.entries(exports))
        if (typeof kernel === "function") this.table.set(Number(name), kernel);
    }
    if (this.#options.workers.length === 0) return;
    this.#forget();
    const header = this.#arena.allocate(moduleHeader.words * 4 + bytes.length) / 4;
    const { words } = this.#arena;
    words[header + moduleHeader.next] = 0;
    words[header + moduleHeader.length] = bytes.length;
    this.#arena.bytes.set(bytes, (header + moduleHeader.words) * 4);
    Atomics.store(words, this.#lastLink, header);
    this.#lastLink = header + moduleHeader.next;
    this.#modules.push(header);
  }

  /** Frees what all workers have loaded; the last such module stays, since its header holds the link to the next. */
  #forget(): void {
    const { words } = this.#arena;
    const loaded = Math.min(...this.#options.workers.map((thread) => Atomics.load(words, control.loaded + thread)));
    while (this.#forgotten + 1 < loaded && this.#modules.length > 1) {
      this.#arena.free(at(this.#modules, 0) * 4);
      this.#modules.shift();
      this.#forgotten++;
    }
  }
}
