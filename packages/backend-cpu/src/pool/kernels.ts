// The kernels that the threads of one pool have loaded: each is emitted once, instantiated here, and left in memory for the workers to find.
import { BackendError } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import type { Arena } from "../memory/arena.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { control, moduleHeader, tableSize } from "./layout.ts";

export interface LibraryOptions {
  readonly shared: boolean;
  /** Whether this thread calls kernels itself. */
  readonly here: boolean;
  /** Whether there are workers that call them. */
  readonly elsewhere: boolean;
}

export class KernelLibrary {
  readonly table: WebAssembly.Table = new WebAssembly.Table({ element: "anyfunc", initial: tableSize });
  readonly #arena: Arena;
  readonly #options: LibraryOptions;
  readonly #indices = new Map<string, number>();
  #lastLink: number = control.modules;

  constructor(arena: Arena, options: LibraryOptions) {
    this.#arena = arena;
    this.#options = options;
  }

  /** The table indices of kernels. Those that are new are emitted, in one module. */
  load(kernels: readonly Kernel[]): number[] {
    const fresh = new Map<string, Kernel>();
    for (const kernel of kernels) if (!this.#indices.has(kernel.key)) fresh.set(kernel.key, kernel);
    if (fresh.size > 0) {
      const first = this.#indices.size;
      if (first + fresh.size > tableSize)
        throw new BackendError(
          "backend-cpu",
          `more than ${tableSize} kernels were made`,
          "use inputs of fewer different shapes, or make a new backend",
        );
      const module = new ModuleBuilder({ shared: this.#options.shared });
      for (const [index, kernel] of [...fresh.values()].entries()) kernel.emit(module, String(index));
      this.#publish(module.encode(), first);
      for (const key of fresh.keys()) this.#indices.set(key, this.#indices.size);
    }
    return kernels.map((kernel) => this.#indices.get(kernel.key) ?? -1);
  }

  /** Threads that sleep cannot be sent messages, so workers read the bytes from memory when they next run a program. */
  #publish(bytes: Uint8Array<ArrayBuffer>, first: number): void {
    if (this.#options.here) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        env: { memory: this.#arena.memory },
      });
      for (const [name, kernel] of Object.entries(exports))
        if (typeof kernel === "function") this.table.set(first + Number(name), kernel);
    }
    if (!this.#options.elsewhere) return;
    const header = this.#arena.allocate(moduleHeader.words * 4 + bytes.length) / 4;
    const { words } = this.#arena;
    words[header + moduleHeader.next] = 0;
    words[header + moduleHeader.length] = bytes.length;
    words[header + moduleHeader.firstKernel] = first;
    this.#arena.bytes.set(bytes, (header + moduleHeader.words) * 4);
    Atomics.store(words, this.#lastLink, header);
    this.#lastLink = header + moduleHeader.next;
  }
}
