// The kernels that a pool's threads know: each is emitted once and called by its number. Those that no program uses any more are kept for a while,
// since the next program may want them.
import { BackendError } from "@stria/core";
import type { Kernel } from "../kernels/kernel.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { tableSize } from "./layout.ts";
import type { Place } from "./place.ts";

interface Entry {
  readonly index: number;
  users: number;
}

/** Unused kernels that are kept. */
const mostUnused = 2048;

export class KernelLibrary {
  readonly #place: Place;
  readonly #entries = new Map<string, Entry>();
  /** Keys of kernels that no program uses, the longest unused first. */
  readonly #unused = new Set<string>();
  readonly #freeIndices: number[] = [];
  #nextIndex = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  /** The table indices of kernels, which the caller gives back with `release`. Those that are new are emitted, in one module. */
  load(kernels: readonly Kernel[]): number[] {
    const fresh = new Map<string, Kernel>();
    for (const kernel of kernels) if (!this.#entries.has(kernel.key)) fresh.set(kernel.key, kernel);
    if (fresh.size > 0) {
      const module = new ModuleBuilder({ shared: this.#place.shared });
      for (const [key, kernel] of fresh) {
        const entry = { index: this.#takeIndex(), users: 0 };
        this.#entries.set(key, entry);
        kernel.emit(module, String(entry.index));
      }
      try {
        this.#place.publish(module.encode());
      } catch (error) {
        for (const key of fresh.keys()) this.#forget(key);
        throw error;
      }
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
      this.#forget(key);
    }
  }

  #forget(key: string): void {
    const { index } = this.#entry(key);
    this.#entries.delete(key);
    this.#freeIndices.push(index);
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
}
