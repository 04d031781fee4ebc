// Modules left in shared memory for worker threads to load when they next run a program: threads that sleep cannot be sent messages.
import { at } from "@stria/core";
import type { Arena } from "../memory/arena.ts";
import type { LocalMemory } from "../memory/local-memory.ts";
import { control, moduleHeader } from "./layout.ts";

const mostWaiting = 256;

export class ModuleList {
  readonly #memory: LocalMemory;
  readonly #arena: Arena;
  /** The numbers of the threads that load. */
  readonly #threads: readonly number[];
  /** Headers of modules that some thread may still have to read, and how many came before them. */
  readonly #modules: number[] = [];
  #forgotten = 0;
  #lastLink: number = control.modules;

  constructor(memory: LocalMemory, arena: Arena, threads: readonly number[]) {
    this.#memory = memory;
    this.#arena = arena;
    this.#threads = threads;
  }

  /** Whether so many wait that threads should look, though nobody needs them. */
  get isLong(): boolean {
    return this.#modules.length > mostWaiting;
  }

  add(module: Uint8Array<ArrayBuffer>): void {
    this.#forget();
    const header = this.#arena.allocate(moduleHeader.words * 4 + module.length) / 4;
    const { words, bytes } = this.#memory;
    words[header + moduleHeader.next] = 0;
    words[header + moduleHeader.length] = module.length;
    bytes.set(module, (header + moduleHeader.words) * 4);
    Atomics.store(words, this.#lastLink, header);
    this.#lastLink = header + moduleHeader.next;
    this.#modules.push(header);
  }

  /** Frees what all threads have loaded; the last such module stays, since its header holds the link to the next. */
  #forget(): void {
    const { words } = this.#memory;
    const loaded = Math.min(...this.#threads.map((thread) => Atomics.load(words, control.loaded + thread)));
    while (this.#forgotten + 1 < loaded && this.#modules.length > 1) {
      this.#arena.free(at(this.#modules, 0) * 4);
      this.#modules.shift();
      this.#forgotten++;
    }
  }
}
