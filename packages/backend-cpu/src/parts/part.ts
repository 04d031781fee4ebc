// Code that few networks need, and that is loaded when a program first does: who trains LeNet-5 in a page fetches neither Winograd's algorithm nor sorting.
import type { Kernel } from "../kernels/kernel.ts";
import type { Pieces } from "../pieces.ts";

/** A module that is loaded when it is needed. */
export class Part<Module> {
  readonly #import: () => Promise<Module>;
  #module: Module | undefined;

  constructor(load: () => Promise<Module>) {
    this.#import = load;
  }

  get isLoaded(): boolean {
    return this.#module !== undefined;
  }

  async load(): Promise<void> {
    this.#module ??= await this.#import();
  }

  /** What it exports. @throws Error where it is not loaded. */
  get module(): Module {
    if (!this.#module) throw new Error("code that is loaded on demand is not there");
    return this.#module;
  }

  /** What it exports, as soon as it is loaded. */
  *wait(): Pieces<Module> {
    if (!this.isLoaded) yield this.load();
    return this.module;
  }
}

/** A kernel whose code is in a part. */
export function kernelOf<Module>(
  part: Part<Module>,
  key: string,
  emit: (module: Module, ...given: Parameters<Kernel["emit"]>) => void,
): Kernel {
  return { key, part, emit: (module, name) => emit(part.module, module, name) };
}

/** The parts that kernels need and that are not loaded. */
export function missingParts(kernels: readonly Kernel[]): NonNullable<Kernel["part"]>[] {
  return [...new Set(kernels.flatMap(({ part }) => (part && !part.isLoaded ? [part] : [])))];
}
